import Foundation
import GatewayTestSupport
import Subprocess
import SystemPackage

/// Runs `apig-lua local start` for as long as the body runs.
///
/// - Parameter signal: what ends it; all but the one that cannot be caught must end it cleanly.
func withLocalServer<Value: Sendable>(
  in folder: URL, options: [String] = [], variables: [String: String] = [:],
  ending signal: Signal = .terminate,
  _ body: @escaping @Sendable (_ url: String) async throws -> Value
) async throws -> Value {
  var command = Command(in: folder)
  command.variables = variables
  let served = try await Subprocess.run(
    .path(FilePath(Command.binary)), arguments: Arguments(["local", "start"] + options),
    environment: .custom(command.environment), input: .none, output: .sequence, error: .discarded
  ) { server in
    var url = ""
    for try await line in server.standardOutput.strings() {
      url = line.replacing("listening on ", with: "").trimmingCharacters(in: .whitespacesAndNewlines)
      break
    }
    let value: Swift.Result<Value, any Error>
    do { value = .success(try await body(url)) } catch { value = .failure(error) }
    try server.send(signal: signal)
    return value
  }
  guard served.terminationStatus.isSuccess || signal == .kill else {
    throw LocalServerFailed(status: "\(served.terminationStatus)")
  }
  return try served.closureResult.get()
}

/// It did not end cleanly on SIGTERM.
struct LocalServerFailed: Error { let status: String }

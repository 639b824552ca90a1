internal import Foundation
internal import Subprocess
internal import SystemPackage

/// A program of this machine that packages need: `git`, `ssh-keygen`.
///
/// It is started without a shell and without a terminal's input, with a few variables of this process and no others.
struct HostProgram: Sendable {
  struct Result: Sendable {
    let status: TerminationStatus
    let output: [UInt8]
    /// What it said, without what would steer a terminal.
    let messages: String

    var text: String { String(decoding: output, as: UTF8.self) }
    var isSuccess: Bool { status.isSuccess }
  }

  /// What it may find in its environment, of this process's own.
  private static let inheritedVariables = [
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK", "SSH_AGENT_PID", "HTTPS_PROXY", "https_proxy",
    "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "TERM",
  ]
  private static let maximumMessages = 64 << 10

  let name: String
  /// Variables over the inherited ones.
  var variables: [String: String] = [:]
  /// Longest time for one run.
  var timeout: Duration = .seconds(300)
  /// Whether it may ask at the terminal that this process belongs to.
  var isAtTerminal = false

  /// Runs it to its end, whatever its status.
  ///
  /// - Parameters:
  ///   - folder: where it works; this process's own without.
  ///   - limit: the most bytes that it may write.
  /// - Throws: ``PackageError`` of kind `unavailable`; `CancellationError`.
  func run(
    _ arguments: [String], in folder: String? = nil, input: [UInt8] = [], limit: Int = 1 << 20
  ) async throws -> Result {
    do {
      return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await start(arguments, in: folder, input: input, limit: limit) }
        group.addTask {
          try await Task.sleep(for: timeout)
          return nil
        }
        // Cancelled, the program is ended before the group is left.
        defer { group.cancelAll() }
        guard let result = try await group.next() ?? nil else {
          throw PackageError(.unavailable, "\(name) was not done within \(timeout)")
        }
        return result
      }
    } catch let error as SubprocessError {
      if Task.isCancelled { throw CancellationError() }
      switch error.code {
      case .executableNotFound:
        throw PackageError(.unavailable, "there is no program '\(name)'", hint: "install it: packages need it")
      case .outputLimitExceeded:
        throw PackageError(.refused, "\(name) gave more than \(limit >> 10) KiB, or too many messages")
      default: throw PackageError(.unavailable, "\(name) cannot be run: \(error)")
      }
    }
  }

  private func start(
    _ arguments: [String], in folder: String?, input: [UInt8], limit: Int
  ) async throws -> Result {
    var options = PlatformOptions()
    // A group of its own: what it starts in turn ends with it. Such a group cannot read the terminal.
    if !isAtTerminal { options.processGroupID = 0 }
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: !isAtTerminal, allowedDurationToNextStep: .seconds(1))
    ]
    let result = try await Subprocess.run(
      .name(name), arguments: Arguments(arguments), environment: .custom(environment),
      workingDirectory: folder.map { FilePath($0) }, platformOptions: options, input: .array(input),
      output: .bytes(limit: limit), error: .bytes(limit: Self.maximumMessages))
    try Task.checkCancellation()
    return Result(
      status: result.terminationStatus, output: result.standardOutput,
      messages: Self.readable(result.standardError))
  }

  private var environment: [Subprocess.Environment.Key: String] {
    let own = ProcessInfo.processInfo.environment
    var environment: [Subprocess.Environment.Key: String] = ["LC_ALL": "C"]
    for name in Self.inheritedVariables {
      if let value = own[name] { environment[Subprocess.Environment.Key(stringLiteral: name)] = value }
    }
    for (name, value) in variables { environment[Subprocess.Environment.Key(stringLiteral: name)] = value }
    return environment
  }

  private static func readable(_ bytes: [UInt8]) -> String {
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    return lines.map { String($0).shownName }.filter { !$0.allSatisfy(\.isWhitespace) }.joined(separator: "; ")
  }
}

internal import Foundation
internal import Glibc

/// What the process finds itself in.
struct ProcessFacts: Sendable {
  let variables: EnvironmentVariables
  /// The working folder.
  let folder: String
  let user: String
  /// The machine's own name for itself; nothing is looked up.
  let host: String

  /// Who this is to others: user@host.
  var userAtHost: String { "\(user)@\(host)" }

  /// As the process began; nothing of it changes.
  static let current = {
    let variables = EnvironmentVariables(ProcessInfo.processInfo.environment)
    return ProcessFacts(
      variables: variables, folder: FileManager.default.currentDirectoryPath,
      user: variables["USER"] ?? variables["LOGNAME"] ?? NSUserName(), host: hostName ?? "localhost")
  }()

  private static var hostName: String? {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return nil }
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}

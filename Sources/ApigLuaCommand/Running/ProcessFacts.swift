internal import Foundation

/// What the process finds itself in.
struct ProcessFacts: Sendable {
  let variables: EnvironmentVariables
  /// The working folder.
  let folder: String
  let user: String

  static var current: ProcessFacts {
    let variables = EnvironmentVariables(ProcessInfo.processInfo.environment)
    return ProcessFacts(
      variables: variables, folder: FileManager.default.currentDirectoryPath,
      user: variables["USER"] ?? variables["LOGNAME"] ?? "unknown")
  }
}

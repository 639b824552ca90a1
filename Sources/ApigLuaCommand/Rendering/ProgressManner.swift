/// How progress is told.
enum ProgressManner: Sendable {
  /// Nothing but what went wrong.
  case quiet
  /// A region that changes, and a line for what is over.
  case live
  /// Lines for a pipe or a file.
  case lines
  /// Lines for the log of a build server: each with its time.
  case log

  init(_ settings: Settings) {
    if settings.isQuiet {
      self = .quiet
    } else if settings.variables.isOnBuildServer {
      self = .log
    } else {
      self = StandardStream.error.isTerminal && settings.variables["TERM"] != "dumb" ? .live : .lines
    }
  }
}

extension EnvironmentVariables {
  fileprivate var isOnBuildServer: Bool {
    ["CI", "GITHUB_ACTIONS"].contains { name in self[name].map { !["", "0", "false"].contains($0) } ?? false }
  }
}

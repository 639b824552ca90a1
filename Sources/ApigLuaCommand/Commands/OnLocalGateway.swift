internal import ArgumentParser
internal import LocalGateway

/// Where the commands of the local gateway find its data.
struct LocalDataOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Data file, if not the user's own.", valueName: "file"))
  var data: String?

  /// - Throws: ``ConfigurationError`` when there is no folder for the user's own.
  func path(_ variables: EnvironmentVariables) throws -> String {
    try data ?? RunningLocalGateway.dataFile(variables)
  }
}

/// Runs a command of the local gateway: errors reported as everywhere, the exit code theirs.
func onLocalGateway(_ body: (EnvironmentVariables, Style) async throws -> Void) async throws {
  let variables = ProcessFacts.current.variables
  let style = Style(.auto, variables: variables, stream: .error)
  do {
    try await body(variables, style)
  } catch {
    throw LocalFailure.status(error, style)
  }
}

/// How the commands of the local gateway end when something is wrong.
private enum LocalFailure {
  /// Reports the error and tells the exit status.
  static func status(_ error: any Error, _ style: Style) -> ExitStatus {
    if let status = error as? ExitStatus { return status }
    let failure: any Error =
      switch error {
      case let error as FaultRuleError: UsageError(message: error.message, hint: error.hint)
      case let error as UnreachableGateway: ConfigurationError(message: error.message, hint: error.hint)
      case let error as SeedError: ConfigurationError(place: error.place, message: error.message, hint: error.hint)
      case is UsageError, is ConfigurationError: error
      case let error as LocalGatewayError where error.code == .inUse:
        ConfigurationError(message: error.message, hint: "end it first, or name another file with --data")
      default: ConfigurationError(error)
      }
    ErrorReport(error: failure, style: style).tell()
    if let excerpt = (error as? FaultRuleError)?.excerpt {
      StandardStream.error.write(excerpt.split(separator: "\n").map { "  \($0)\n" }.joined())
    }
    return error is UnreachableGateway ? .unreachable : failure is UsageError ? .usage : .configuration
  }
}

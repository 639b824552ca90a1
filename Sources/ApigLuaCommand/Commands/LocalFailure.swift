internal import LocalGateway

/// How the commands of the local gateway end when something is wrong.
enum LocalFailure {
  /// Reports the error and tells the exit status.
  static func status(_ error: any Error, _ style: Style) -> ExitStatus {
    if let status = error as? ExitStatus { return status }
    let isUsage = error is UsageError
    let failure: any Error =
      switch error {
      case let error as SeedError: ConfigurationError(place: error.place, message: error.message, hint: error.hint)
      case is UsageError, is ConfigurationError: error
      case let error as LocalGatewayError where error.code == .inUse:
        ConfigurationError(message: error.message, hint: "end it first, or name another file with --data")
      default: ConfigurationError(error)
      }
    StandardStream.error.write(ErrorReport(error: failure, style: style).text)
    return isUsage ? .usage : .configuration
  }
}

internal import ArgumentParser
internal import Foundation
internal import GatewayAPI
internal import GatewayCredentials
internal import GatewayScripting
internal import LocalGateway
internal import LuaRuntime
internal import OpenAPIDiff
internal import PlaybookPackages
internal import ReleaseEngine
internal import RunJournal

extension Error {
  /// Whether it is one that commands are made to end with: any other that reaches their end is a bug of ours.
  var isForeseen: Bool {
    switch self {
    case let error as LuaError:
      error.underlying?.isForeseen ?? ![.internalFailure, .interpreterCrashed].contains(error.code)
    case is UsageError, is ConfigurationError, is RunIsAlive, is ExitStatus, is UnreachableGateway: true
    case is ValidationError, is CleanExit, is ExitCode: true
    case is GatewayError, is CredentialError, is JournalError, is LocalGatewayError, is SeedError, is FaultRuleError:
      true
    case is ParameterError, is PermissionError, is PackageError, is AssumptionError, is NoJSONForm, is ScriptExit: true
    case is EnvironmentHeld, is RunDivergence, is ReplayEnd, is CannotKnowUntilApply: true
    case is PlanFileError, is SnapshotUnreadable, is DefinitionUnreadable, is JSONSyntaxError: true
    // The system's word on files.
    case is CancellationError, is CocoaError, is POSIXError: true
    default: false
    }
  }
}

internal import GatewayAPI
internal import GatewayCredentials
internal import GatewayScripting
internal import LuaRuntime
internal import PlaybookPackages
internal import ReleaseEngine
internal import RunJournal

/// The one place where an end of a run becomes an exit code.
extension ExitStatus {
  /// - Parameters:
  ///   - error: what ended the script; nil when it came to its end.
  ///   - changes: what the run did until then.
  ///   - signal: the signal that asked the run to stop, if one did.
  init(error: (any Error)?, changes: RunChanges, signal: Int32?) {
    let keptChanges = changes.areKept
    if changes.holdFailedUndos {
      self = .undoIncomplete
      return
    }
    switch error {
    case nil: self = changes.holdFailures ? .partlyDone : changes.holdUndone && !keptChanges ? .undone : .ok
    case let exit as ScriptExit:
      self =
        switch exit.code {
        case .ok: .ok
        case .differences: .differences
        case .failed: keptChanges ? .partlyDone : changes.holdUndone ? .undone : .scriptFailed
        }
    case is RunDivergence: self = .stale
    case _ where Self.isStale(error): self = .stale
    case _ where Self.isStop(error) && !changes.holdUndone: self = signal == 15 ? .terminated : .interrupted
    case _ where keptChanges: self = .partlyDone
    case _ where changes.holdUndone: self = .undone
    case let lua as LuaError where [.internalFailure, .interpreterCrashed].contains(lua.code): self = .internalError
    case let lua as LuaError: self = Self(causedBy: lua.underlying)
    default: self = Self(causedBy: error)
    }
  }

  /// The word for it in results.
  ///
  /// - Parameter keepsChanges: whether the gateway is another than before the run.
  func outcome(keepsChanges: Bool) -> String {
    switch self {
    case .ok: keepsChanges ? "changed" : "unchanged"
    case .differences: "differences"
    case .partlyDone: "partly_done"
    case .undone: "rolled_back"
    case .undoIncomplete: "undo_incomplete"
    case .held: "held"
    case .stale: "stale"
    case .interrupted, .terminated: "cancelled"
    case .refused: "refused"
    default: "failed"
    }
  }

  private static func isStale(_ error: (any Error)?) -> Bool {
    (((error as? LuaError)?.underlying ?? error) as? GatewayError)?.kind == .stale
  }

  private static func isStop(_ error: (any Error)?) -> Bool {
    error is CancellationError || (error as? LuaError)?.code == .cancelled
  }

  private init(causedBy error: (any Error)?) {
    switch error {
    case is EnvironmentHeld, is RunIsAlive: self = .held
    case is RunDivergence: self = .stale
    case let error as JournalError: self = error.code == .leaseLost ? .held : .configuration
    case is CannotKnowUntilApply: self = .scriptFailed
    case is ParameterError, is UsageError: self = .usage
    case is ConfigurationError: self = .configuration
    case is CredentialError: self = .credentials
    case let error as PackageError:
      self =
        switch error.kind {
        case .usage: .usage
        case .malformed, .conflict, .notInstalled: .configuration
        case .refused: .refused
        case .unavailable: .unreachable
        }
    case let error as GatewayError:
      self =
        switch error.kind {
        case .unauthenticated: .credentials
        case .unavailable, .timeout: error.isAboutSomethingElse ? .scriptFailed : .unreachable
        case .refused: .refused
        case .unknownOutcome: .partlyDone
        default: .scriptFailed
        }
    default: self = error?.isForeseen ?? true ? .scriptFailed : .internalError
    }
  }
}

/// What the process says when it ends: "0 fine, 4 safe, 5 page someone."
enum ExitStatus: Int32, Sendable, CaseIterable {
  /// Done, or nothing to do.
  case ok = 0
  /// The script failed and changed nothing.
  case scriptFailed = 1
  /// The script reports differences.
  case differences = 2
  /// It failed, or finished with failures, and changes were kept.
  case partlyDone = 3
  /// It failed, and everything was undone.
  case undone = 4
  /// It failed, and not everything could be undone: somebody has to look.
  case undoIncomplete = 5
  /// Refused before any change.
  case refused = 6
  /// Somebody else holds the lock.
  case held = 7
  /// A plan is stale or used, or a run is not what its plan or journal says.
  case stale = 8
  /// Wrong usage or parameters.
  case usage = 64
  /// The gateway cannot be reached, or cannot be understood.
  case unreachable = 69
  /// A bug of ours.
  case internalError = 70
  /// Credentials missing or refused.
  case credentials = 77
  case configuration = 78
  case interrupted = 130
  case terminated = 143

  /// Whether all went as it was to: differences are what was asked for.
  var isGood: Bool { self == .ok || self == .differences }

  /// What the manual says of it.
  var summary: String {
    switch self {
    case .ok: "Done, or nothing to do."
    case .scriptFailed: "The script failed and changed nothing; a check or a test failed."
    case .differences: "Differences were found."
    case .partlyDone: "Failures, and changes that were kept: the table says which."
    case .undone: "It failed, and everything was undone."
    case .undoIncomplete: "It failed, and not everything could be undone: somebody has to look."
    case .refused: "Refused before any change: confirmation, permission, protection, promotion."
    case .held: "Somebody else holds the environment."
    case .stale: "A plan is stale or used, or a run strays from its plan or journal."
    case .usage: "Wrong usage or parameters."
    case .unreachable: "The gateway cannot be reached or understood."
    case .internalError: "A defect of this program, or of the interpreter under --isolate."
    case .credentials: "Credentials are missing or refused."
    case .configuration: "The configuration is wrong."
    case .interrupted: "Ctrl-C: changes on their way were carried to their end."
    case .terminated: "SIGTERM: changes on their way were carried to their end."
    }
  }
}

internal import Synchronization

/// A part of the script whose changes are undone when it fails: what `with_rollback` encloses.
///
/// Of a scope that somebody opens whom the script called, what the script does in a call back is no part: it is not his to
/// undo.
public struct UndoScope: Sendable, Hashable {
  /// The task that opened it; what that task started belongs to it too.
  public let branch: String
  /// How many scopes had been opened in the run, this one among them.
  let epoch: Int64
  /// The calls back that led to where it was opened.
  var callbacks: [CallOrigin.Callback] = []
  /// The first scope that is opened behind it; what came from there on is none of it.
  var end = Int64.max

  /// Whether only what an undo before could not put back is meant.
  var isFailedOnly = false

  /// Every change of a run.
  public static let wholeRun = UndoScope(branch: "", epoch: 0)
  /// Every change of a run that an undo before could not put back.
  public static let failedUndos = UndoScope(branch: "", epoch: 0, isFailedOnly: true)

  /// Whether a step belongs to it and still stands.
  func holds(_ step: ChangeLedger.Step) -> Bool {
    guard step.isStanding, !isFailedOnly || step.change.state == .undoFailed else { return false }
    return step.place.epoch >= epoch && step.place.epoch < end
      && encloses(step.place.branch, step.place.callbacks)
  }

  /// Whether a task is the one that opened it, or was started by it, and not by a call back beyond who opened it.
  fileprivate func encloses(_ branch: String, _ callbacks: [CallOrigin.Callback]) -> Bool {
    Self.encloses(self.branch, branch)
      && !callbacks.contains { Self.encloses($0.caller, self.branch) && !Self.encloses($0.branch, self.branch) }
  }

  private static func encloses(_ outer: String, _ inner: String) -> Bool {
    outer.isEmpty || inner == outer || inner.hasPrefix(outer + "/")
  }
}

/// The scopes that are open in a run; when the script is stopped from outside, the outermost says what is to be undone.
public final class UndoScopes: Sendable {
  private struct State {
    var epoch: Int64 = 0
    var open: [UndoScope] = []
  }

  private let state = Mutex(State())

  public init() {}

  /// How many have been opened.
  var epoch: Int64 { state.withLock { $0.epoch } }

  /// Opens one for what a task of the script does from now on.
  ///
  /// - Returns: a number by which it is closed.
  public func open(_ origin: CallOrigin) -> Int64 {
    state.withLock { state in
      state.epoch += 1
      state.open.append(UndoScope(branch: origin.branch, epoch: state.epoch, callbacks: origin.callbacks))
      return state.epoch
    }
  }

  /// The open scope of that number.
  public func scope(_ number: Int64) -> UndoScope? { state.withLock { $0.open.first { $0.epoch == number } } }

  /// - Returns: the scope; nil when none of that number is open.
  public func close(_ number: Int64) -> UndoScope? {
    state.withLock { state in
      guard let index = state.open.firstIndex(where: { $0.epoch == number }) else { return nil }
      return state.open.remove(at: index)
    }
  }

  /// What is changed from now on, as a scope that nobody closes.
  public func mark() -> UndoScope {
    state.withLock { state in
      state.epoch += 1
      return UndoScope(branch: "", epoch: state.epoch)
    }
  }

  /// The scope without what is changed from now on.
  public func ended(_ scope: UndoScope) -> UndoScope {
    state.withLock { state in
      var ended = scope
      state.epoch += 1
      ended.end = state.epoch
      return ended
    }
  }

  /// Closes all: the part of the script that opened them is over.
  public func closeAll() { state.withLock { $0.open = [] } }

  /// The scopes that no other encloses, in the order they were opened.
  public var outermost: [UndoScope] {
    state.withLock { state in
      state.open.filter { inner in
        !state.open.contains { $0.epoch < inner.epoch && $0.encloses(inner.branch, inner.callbacks) }
      }
    }
  }
}

internal import GatewayAPI
internal import ReleaseEngine
internal import Synchronization

/// What the states of a run were asked to do and are doing, each request by its branch in the journal.
///
/// Beside the actor that hands out the requests, because host functions ask it at once.
final class AskedBranches: Sendable {
  private struct Work {
    /// The states by the branches that they were asked to do something in.
    var doers: [String: String] = [:]
    /// How many calls of the host each state has that are not at their end.
    var calls: [String: Int] = [:]
    /// Those that are to do nothing any more.
    var stopped: Set<String> = []
  }

  /// Those of the run whose host function the current task carries out.
  @TaskLocal static var current: AskedBranches?

  /// The state that all other branches are of.
  private let script: String
  private let work = Mutex(Work())

  init(script: String) { self.script = script }

  /// Takes note that a state is asked to do something in a branch.
  ///
  /// - Throws: `GatewayError` of kind `usage` where somebody is at work: every call has a branch of its own.
  func enter(_ branch: String, by state: String) throws(GatewayError) {
    let isFree = work.withLock { work in
      guard work.doers[branch] == nil else { return false }
      work.doers[branch] = state
      return true
    }
    guard isFree else { throw Self.noPlace }
  }

  func leave(_ branch: String) { work.withLock { $0.doers[branch] = nil } }

  /// Whether a state is at work in a branch: what it does stands in the journal there, and nowhere else. What it called
  /// another for is the other's.
  func isAsked(_ state: String, in branch: String) -> Bool {
    work.withLock { work in
      if work.stopped.contains(state) { return false }
      for part in Self.enclosing(branch) {
        if let doer = work.doers[String(part)] { return doer == state }
      }
      return state == script
    }
  }

  /// - Throws: `GatewayError` of kind `usage`.
  func require(_ state: String, in branch: String) throws(GatewayError) {
    guard isAsked(state, in: branch) else {
      throw GatewayError(kind: .usage, message: "\(state) was not asked to do anything there")
    }
  }

  /// Takes note of a call of the host, until ``end(_:)``.
  ///
  /// - Throws: `GatewayError` of kind `usage` where the state was not asked to do anything.
  func begin(_ state: String, in branch: String) throws(GatewayError) {
    try require(state, in: branch)
    work.withLock { $0.calls[state, default: 0] += 1 }
  }

  func end(_ state: String) { work.withLock { $0.calls[state, default: 1] -= 1 } }

  /// Nothing that the state asks of the host from now on is done.
  func stop(_ state: String) { work.withLock { _ = $0.stopped.insert(state) } }

  /// There is no such state any more, and may be a new one.
  func forget(_ state: String) {
    work.withLock { work in
      work.stopped.remove(state)
      work.calls[state] = nil
    }
  }

  func hasCalls(_ state: String) -> Bool { work.withLock { $0.calls[state, default: 0] > 0 } }

  /// The calls back that lead to a branch: of a state that waits for what somebody below it does.
  func callbacks(in branch: String) -> [CallOrigin.Callback] {
    let called = work.withLock { work in
      work.doers.isEmpty
        ? []
        : Self.enclosing(branch).compactMap { part in
          work.doers[String(part)].map { (branch: String(part), state: $0) }
        }
    }
    let way = [(branch: "", state: script)] + called.reversed()
    return way.indices.compactMap { index in
      guard let waiting = way[..<index].lastIndex(where: { $0.state == way[index].state }) else { return nil }
      return CallOrigin.Callback(caller: way[waiting + 1].branch, branch: way[index].branch)
    }
  }

  /// The branch and those that it is part of, the innermost first.
  private static func enclosing(_ branch: String) -> some Sequence<Substring> {
    sequence(first: branch[...]) { part in part.lastIndex(of: "/").map { branch[..<$0] } }
  }

  /// Of a call whose branch is not its alone.
  static let noPlace = GatewayError(kind: .usage, message: "a call without a place of its own")
}

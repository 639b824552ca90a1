internal import Synchronization

/// One task for everyone who wants the same: all get its value, each may leave, and with the last one it ends.
///
/// While it is *carried*, nobody leaves: what is on its way to the gateway is waited for even by those whose own task
/// is cancelled, for cut off, nobody would know whether it happened.
package final class JointTask<Member: Hashable & Sendable, Value: Sendable>: Sendable {
  package struct Ticket: Sendable {
    fileprivate let id: UInt64
  }

  private struct Place {
    let member: Member
    var continuation: CheckedContinuation<Value, any Error>?
    var wantsToLeave = false
  }

  private struct State {
    var places: [UInt64: Place] = [:]
    var order: [UInt64] = []
    var nextID: UInt64 = 0
    var isCarried = false
    /// Once it has been carried nobody joins any more: who comes later gets tries of their own.
    var isClosed = false
    var result: Result<Value, any Error>?
    var task: Task<Void, Never>?
  }

  private let maximumMembers: Int
  private let state = Mutex(State())

  package init(maximumMembers: Int = .max) { self.maximumMembers = maximumMembers }

  /// Begins the work, once.
  package func start(_ body: @escaping @Sendable (JointTask) async throws -> Value) {
    // Unstructured on purpose: it belongs to all its members and to none of them.
    let task = Task {
      let result: Result<Value, any Error>
      do { result = .success(try await body(self)) } catch { result = .failure(error) }
      finish(result)
    }
    let isOver = state.withLock { state in
      state.task = task
      return state.order.isEmpty && state.nextID > 0
    }
    if isOver { task.cancel() }
  }

  /// Takes part.
  ///
  /// - Returns: nil when it is too late, when the same member is there already, or when there are too many.
  package func join(_ member: Member) -> Ticket? {
    state.withLock { state in
      guard !state.isClosed, state.result == nil, state.order.count < maximumMembers,
        state.nextID == 0 || !state.order.isEmpty, !state.places.values.contains(where: { $0.member == member })
      else { return nil }
      state.nextID += 1
      state.places[state.nextID] = Place(member: member)
      state.order.append(state.nextID)
      return Ticket(id: state.nextID)
    }
  }

  /// Waits for the value.
  ///
  /// - Throws: what the work throws; `CancellationError` to one that leaves.
  package func value(_ ticket: Ticket) async throws -> Value {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state -> Result<Value, any Error>? in
          guard state.places[ticket.id] != nil else { return .failure(CancellationError()) }
          if let result = state.result { return result }
          state.places[ticket.id]?.continuation = continuation
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let leaving = state.withLock { state -> Leaving in
        guard state.isCarried else { return Self.remove([ticket.id], &state) }
        state.places[ticket.id]?.wantsToLeave = true
        return Leaving()
      }
      leaving.resume()
    }
  }

  /// From now on nobody joins, and until ``letGo()`` nobody leaves.
  ///
  /// - Returns: who is there, in the order they came.
  /// - Throws: `CancellationError` when nobody is.
  package func carry() throws -> [Member] {
    let members = state.withLock { state in
      state.isCarried = !state.order.isEmpty
      state.isClosed = true
      return state.order.compactMap { state.places[$0]?.member }
    }
    guard !members.isEmpty else { throw CancellationError() }
    return members
  }

  /// Nothing is on its way any more: those who wanted to leave do.
  package func letGo() {
    let leaving = state.withLock { state in
      state.isCarried = false
      return Self.remove(state.order.filter { state.places[$0]?.wantsToLeave == true }, &state)
    }
    leaving.resume()
  }

  /// How many there are.
  package var count: Int { state.withLock { $0.order.count } }

  private struct Leaving {
    var continuations: [CheckedContinuation<Value, any Error>] = []
    var task: Task<Void, Never>?

    func resume() {
      for continuation in continuations { continuation.resume(throwing: CancellationError()) }
      task?.cancel()
    }
  }

  private static func remove(_ ids: [UInt64], _ state: inout State) -> Leaving {
    guard state.result == nil else { return Leaving() }
    var leaving = Leaving()
    for id in ids {
      guard let place = state.places.removeValue(forKey: id) else { continue }
      if let continuation = place.continuation { leaving.continuations.append(continuation) }
    }
    state.order.removeAll { state.places[$0] == nil }
    if state.order.isEmpty { leaving.task = state.task }
    return leaving
  }

  private func finish(_ result: Result<Value, any Error>) {
    let continuations = state.withLock { state in
      state.result = result
      return state.places.values.compactMap(\.continuation)
    }
    for continuation in continuations { continuation.resume(with: result) }
  }
}

import Synchronization

/// An async host call.
package struct HostOperation: Sendable {
  package let id: UInt64
  let call: LuaCall
  let body: @Sendable @concurrent (LuaCall) async throws -> [LuaValue]

  /// What an async host call came to.
  package struct Completion: Sendable {
    package let operation: UInt64
    package let result: Result<[LuaValue], any Error>
  }
}

/// Performs the async host calls of one run, all at once.
///
/// A call begins where nothing can be awaited, below Lua, and most calls are short: so each is a task of its own, without
/// a stream and a group in between.
package final class HostOperations: Sendable {
  private struct State {
    var tasks: [UInt64: Task<Void, Never>] = [:]
    var isCancelled = false
  }

  private let executor: (any TaskExecutor)?
  private let post: @Sendable (HostOperation.Completion) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - executor: where calls run; nil: anywhere.
  ///   - post: gets what each call came to.
  package init(
    on executor: (any TaskExecutor)? = nil, post: @escaping @Sendable (HostOperation.Completion) -> Void
  ) {
    self.executor = executor
    self.post = post
  }

  package func start(_ operation: HostOperation) {
    state.withLock { state in
      let task = Task(executorPreference: executor) { [self] in await perform(operation) }
      if state.isCancelled { task.cancel() }
      state.tasks[operation.id] = task
    }
  }

  @concurrent private func perform(_ operation: HostOperation) async {
    let result: Result<[LuaValue], any Error>
    do {
      result = .success(try await operation.body(operation.call))
    } catch {
      result = .failure(error)
    }
    post(HostOperation.Completion(operation: operation.id, result: result))
    state.withLock { $0.tasks[operation.id] = nil }
  }

  /// Cancels the calls that there are, and those that will be.
  package func cancel() {
    let tasks = state.withLock { state in
      state.isCancelled = true
      return Array(state.tasks.values)
    }
    for task in tasks { task.cancel() }
  }

  /// Returns when every call has.
  package func end() async {
    while let task = state.withLock({ $0.tasks.first?.value }) { await task.value }
  }
}

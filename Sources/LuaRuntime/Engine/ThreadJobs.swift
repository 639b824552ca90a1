import Synchronization

/// What a `LuaThread` has to do: its actor's jobs, and tasks, which need no actor and may run while a job waits.
final class ThreadJobs: Sendable {
  enum Next {
    case tasks([UnownedJob])
    case job(UnownedJob)
    case last(@Sendable () -> Void)
  }

  private struct State {
    var jobs: [UnownedJob] = []
    var tasks: [UnownedJob] = []
    var isTurnOfJobs = false
    var last: (@Sendable () -> Void)?
    var isAsleep = false
    var isWoken = false
    var isGivenUp = false

    mutating func takeTasks() -> [UnownedJob] {
      defer { tasks = [] }
      isTurnOfJobs = true
      return tasks
    }
  }

  private let state = Mutex(State())
  private let ready = Semaphore()

  // MARK: - Any thread

  func add(_ job: UnownedJob) { change { $0.jobs.append(job) } }

  func add(task: UnownedJob) {
    var isGivenUp = false
    change { state in
      isGivenUp = state.isGivenUp
      if !isGivenUp { state.tasks.append(task) }
    }
    if isGivenUp { globalConcurrentExecutor.enqueue(ExecutorJob(task)) }
  }

  /// Has `last` done once nothing else is left to do.
  func end(with last: @escaping @Sendable () -> Void) { change { $0.last = last } }

  /// Has `takeTasks(until:)` look again.
  func wake() { change { $0.isWoken = true } }

  /// The thread does nothing any more, or is stuck in a job: tasks go on elsewhere.
  func giveUp() {
    let tasks = state.withLock { state in
      state.isGivenUp = true
      return state.takeTasks()
    }
    for task in tasks { globalConcurrentExecutor.enqueue(ExecutorJob(task)) }
  }

  private func change(_ body: (inout State) -> Void) {
    let wasAsleep = state.withLock { state in
      body(&state)
      defer { state.isAsleep = false }
      return state.isAsleep
    }
    if wasAsleep { ready.post() }
  }

  // MARK: - The thread itself

  /// Waits until there is something to do.
  ///
  /// Tasks come first, so that what several of them found out goes to the script together; but after each turn of theirs
  /// comes a job, or tasks that never tire would keep the script waiting.
  func next() -> Next {
    while true {
      let next: Next? = state.withLock { state in
        if !state.tasks.isEmpty, !state.isTurnOfJobs || state.jobs.isEmpty { return .tasks(state.takeTasks()) }
        state.isTurnOfJobs = false
        if !state.jobs.isEmpty { return .job(state.jobs.removeFirst()) }
        if let last = state.last { return .last(last) }
        state.isAsleep = true
        return nil
      }
      if let next { return next }
      ready.wait()
    }
  }

  /// Waits until there are tasks to do, from within a job; nil once `isDone`, which is asked again after each `wake`.
  func takeTasks(until isDone: () -> Bool) -> [UnownedJob]? {
    while !isDone() {
      let tasks: [UnownedJob]? = state.withLock { state in
        if !state.tasks.isEmpty { return state.takeTasks() }
        state.isAsleep = !state.isWoken
        state.isWoken = false
        return state.isAsleep ? nil : []
      }
      guard let tasks else {
        ready.wait()
        continue
      }
      if !tasks.isEmpty { return tasks }
    }
    return nil
  }
}

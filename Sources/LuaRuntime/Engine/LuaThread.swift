import Glibc
import Synchronization

/// A thread with a deep stack, as the executor of one engine: scripts run long, host calls may wait in place, and
/// Lua's jumps must stay on one stack.
package final class LuaThread: SerialExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var last: (@Sendable () -> Void)?
    var id: pthread_t?
  }

  /// Up to 5.4.6, naming the variable of an error recurses once for each two bytes of source; a chunk of the largest
  /// size would need 52 MB. Only what is used takes memory.
  private static let stackBytes = 128 * 1024 * 1024
  private static let signalStackBytes = 256 * 1024
  private let state = Mutex(State())
  private let ready = Semaphore()

  /// Starts the thread, which lives until `stop`. Nil when the system has no thread left.
  package static func start() -> LuaThread? {
    let thread = LuaThread()
    var attributes = pthread_attr_t()
    var id = pthread_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setstacksize(&attributes, stackBytes)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let context = unsafe Unmanaged.passRetained(thread)
    let failure = unsafe pthread_create(
      &id, &attributes,
      { context in
        if let context = unsafe context { unsafe Unmanaged<LuaThread>.fromOpaque(context).takeRetainedValue().work() }
        return nil
      }, context.toOpaque())
    unsafe pthread_attr_destroy(&attributes)
    if failure != 0 {
      unsafe context.release()
      return nil
    }
    thread.state.withLock { $0.id = id }
    return thread
  }

  /// Processor time the thread has used so far. Any thread may ask.
  var processorTime: Duration {
    guard let id = state.withLock({ $0.id }) else { return .zero }
    var clock = clockid_t()
    var time = timespec()
    guard unsafe pthread_getcpuclockid(id, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else { return .zero }
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
    ready.post()
  }

  /// Runs `last` after the jobs that are there, and ends the thread.
  package func stop(_ last: @escaping @Sendable () -> Void) {
    state.withLock { $0.last = last }
    ready.post()
  }

  /// Has signals handled on a stack of their own, where the program has them handled so: an overflow of the thread's
  /// leaves no room on it.
  private func work() {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: Self.signalStackBytes, alignment: 16)
    var stack = unsafe stack_t(ss_sp: bytes, ss_flags: 0, ss_size: Self.signalStackBytes)
    unsafe sigaltstack(&stack, nil)
    workOnJobs()
    unsafe stack.ss_flags = Int32(SS_DISABLE)
    unsafe sigaltstack(&stack, nil)
    unsafe bytes.deallocate()
  }

  private func workOnJobs() {
    while true {
      ready.wait()
      let (jobs, last) = state.withLock { state in
        let jobs = state.jobs
        state.jobs = []
        return (jobs, jobs.isEmpty ? state.last : nil)
      }
      for job in jobs { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
      if let last {
        last()
        return
      }
      // `stop` may have come while the jobs ran and its post been taken with theirs.
      if state.withLock({ $0.last != nil }) { ready.post() }
    }
  }
}

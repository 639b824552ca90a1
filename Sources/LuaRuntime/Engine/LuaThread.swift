import Glibc
import Synchronization

/// A thread with a deep stack, as the executor of one engine: scripts run long, host calls may wait in place, and
/// Lua's jumps must stay on one stack.
///
/// The tasks that perform the script's host calls run here, too, between two stretches of Lua and while a call waits in
/// place: to hand each of them to another thread and back would cost more than most of them do.
package final class LuaThread: SerialExecutor {

  /// Up to 5.4.6, naming the variable of an error recurses once for each two bytes of source; a chunk of the largest
  /// size would need 52 MB. Only what is used takes memory.
  private static let stackBytes = 128 * 1024 * 1024
  private static let signalStackBytes = 256 * 1024
  private let jobs = ThreadJobs()
  private let id = Mutex<pthread_t?>(nil)
  private let nanosecondsInTasks = Atomic<Int64>(0)
  /// Where tasks run that prefer this thread.
  let tasks: HostTasks

  private init() { tasks = HostTasks(jobs) }

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
    thread.id.withLock { $0 = id }
    return thread
  }

  /// Processor time the thread has used so far. Any thread may ask.
  var processorTime: Duration {
    guard let id = id.withLock({ $0 }) else { return .zero }
    var clock = clockid_t()
    var time = timespec()
    guard unsafe pthread_getcpuclockid(id, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else { return .zero }
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  /// Time on the wall that the thread has spent on tasks so far, in nanoseconds. Any thread may ask.
  var timeInTasks: Int64 { nanosecondsInTasks.load(ordering: .relaxed) }

  package func enqueue(_ job: consuming ExecutorJob) { jobs.add(UnownedJob(job)) }

  /// Runs `last` after the jobs that are there, and ends the thread.
  package func stop(_ last: @escaping @Sendable () -> Void) { jobs.end(with: last) }

  /// Has `runTasks(until:)` look again. Any thread may call it.
  func wake() { jobs.wake() }

  /// The thread is stuck: its tasks go on elsewhere. Any thread may call it.
  func giveUp() { jobs.giveUp() }

  /// Runs tasks until `isDone`, which is asked again after each `wake`. On the thread itself, inside a job of the actor.
  func runTasks(until isDone: () -> Bool) {
    while let tasks = jobs.takeTasks(until: isDone) { run(tasks) }
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
      switch jobs.next() {
      case .tasks(let tasks): run(tasks)
      case .job(let job): unsafe job.runSynchronously(on: asUnownedSerialExecutor())
      case .last(let last):
        last()
        jobs.giveUp()
        return
      }
    }
  }

  private func run(_ tasks: [UnownedJob]) {
    let start = Self.now
    for task in tasks { unsafe task.runSynchronously(on: self.tasks.asUnownedTaskExecutor()) }
    nanosecondsInTasks.add(Self.now - start, ordering: .relaxed)
  }

  private static var now: Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

import CLuaShims
import Synchronization

/// A Lua 5.4 state in a sandbox, with limits, on a thread of its own.
///
/// Globals persist from one run to the next. One chunk runs at a time.
public actor LuaEngine {
  /// Test switch: which growing allocation of the state fails.
  struct AllocationFailure: Sendable {
    let number: Int
    let fromThereOn: Bool
  }

  /// New engines are refused while this many threads are given up and still at work.
  private static let mostAbandoned = 16
  private static let abandoned = Atomic(0)

  private nonisolated let abandonment = Atomic(false)
  private let thread: LuaThread
  private let signal: StopSignal
  private let limits: LuaLimits
  private var state: LuaState?
  private var isRunning = false

  public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

  /// Makes the state and runs the preludes of `modules`, in order.
  ///
  /// Cost: a thread, a Lua state, and the preludes run once.
  /// - Parameters:
  ///   - limits: What each run may use.
  ///   - library: What scripts may do; anything but the sandbox is for scripts that are trusted like the program.
  ///   - modules: What scripts find as globals and by `require`.
  ///   - moduleSource: Finds the modules that are written in Lua; nil: there are none.
  ///   - seed: Of `math.random`, which each task of the script draws from in its own way; nil: different each time.
  ///   - clock: Behind the sandbox's `os.time` and its kin; nil: the system's.
  ///   - lineCounts: Hears how often each line ran, whenever a run ends; scripts take several times as long with it.
  ///   - output: Takes each line printed, its newline included; called on the engine's thread.
  /// - Throws: `LuaError` when a prelude fails or memory runs out.
  public init(
    limits: LuaLimits = .init(), library: LuaLibrary = .sandbox, modules: [LuaModule] = [],
    moduleSource: LuaModuleSource? = nil, seed: UInt64? = nil, clock: LuaClock? = nil,
    lineCounts: LuaLineCounts? = nil, output: @escaping @Sendable (LuaString) -> Void
  ) async throws(LuaError) {
    try await self.init(
      limits: limits, library: library, modules: modules, moduleSource: moduleSource, seed: seed, clock: clock,
      failing: nil, output: output)
    if let lineCounts { countLines(lineCounts) }
  }

  init(
    limits: LuaLimits, library: LuaLibrary, modules: [LuaModule], moduleSource: LuaModuleSource?, seed: UInt64?,
    clock: LuaClock?, failing: AllocationFailure?, output: @escaping @Sendable (LuaString) -> Void
  ) async throws(LuaError) {
    guard Self.abandonedThreads < Self.mostAbandoned else {
      throw LuaError(
        code: .limit, message: "\(Self.mostAbandoned) threads of earlier scripts are still at work", limit: .time)
    }
    guard let signal = StopSignal() else { throw LuaError.memory }
    guard let thread = LuaThread.start() else {
      throw LuaError(code: .internalFailure, message: "the system has no thread left")
    }
    self.thread = thread
    self.signal = signal
    self.limits = limits
    try open(limits, library, modules, moduleSource, seed, clock, failing, output)
  }

  deinit {
    // The thread drops the last reference, so that the state is freed where it lived.
    let state = Transfer(state)
    thread.stop { state.drop() }
  }

  private func open(
    _ limits: LuaLimits, _ library: LuaLibrary, _ modules: [LuaModule], _ moduleSource: LuaModuleSource?,
    _ seed: UInt64?, _ clock: LuaClock?, _ failing: AllocationFailure?,
    _ output: @escaping @Sendable (LuaString) -> Void
  ) throws(LuaError) {
    let bridge = HostBridge(
      functions: modules.flatMap(\.functions), moduleSource: moduleSource, clock: clock, output: output)
    let state = try LuaState(limits: limits, library: library, bridge: bridge, signal: signal, failing: failing)
    self.state = state
    state.seed(seed ?? .random(in: .min ... .max))
    var first = 0
    for module in modules {
      try state.add(module, first: first)
      first += module.functions.count
    }
  }

  private func countLines(_ counts: LuaLineCounts) { state?.countLines(counts) }

  /// Runs `chunk` with `arguments` as its `...`, and returns what it returns.
  ///
  /// Cancelling the task ends the script; the engine stays usable after any error but one (`isAbandoned`). Returns
  /// when every host function that the script called has returned.
  /// - Throws: `LuaError`, or the error in a `LuaStop`.
  public nonisolated func run(_ chunk: LuaChunk, arguments: [LuaValue] = []) async throws -> [LuaValue] {
    try await run(chunk, arguments: arguments, through: nil)
  }

  /// Hands `chunk`, compiled, to a function of a module, with `arguments` behind it, and returns what that returns.
  ///
  /// - Parameter function: Of one of the engine's modules; nil: the chunk itself is called.
  /// - Throws: `LuaError`, or the error in a `LuaStop`.
  public nonisolated func run(
    _ chunk: LuaChunk, arguments: [LuaValue], through function: LuaModule.Function?
  ) async throws -> [LuaValue] {
    try refuseAbandoned()
    // Not a child task: the caller must not wait for a thread that has to be given up.
    let outcome = RunOutcome()
    let work = Task(executorPreference: thread.tasks) { [self] in
      let result: Result<[LuaValue], any Error>
      do {
        result = .success(try await runOnThread(chunk, arguments: arguments, through: function))
      } catch {
        result = .failure(error)
      }
      if !outcome.settle(result) { Self.abandoned.subtract(1, ordering: .relaxed) }
    }
    let watch = Task { @concurrent in
      guard let error = await Watchdog(signal: signal, limits: limits, thread: thread).error() else { return }
      let isAbandoned = outcome.settle(.failure(error)) {
        abandonment.store(true, ordering: .releasing)
        Self.abandoned.add(1, ordering: .relaxed)
      }
      if isAbandoned {
        work.cancel()
        thread.giveUp()
      }
    }
    let result = await withTaskCancellationHandler {
      await outcome.result
    } onCancel: {
      work.cancel()
    }
    // Its last word must not reach the next run.
    watch.cancel()
    await watch.value
    return try result.get()
  }

  private func runOnThread(
    _ chunk: LuaChunk, arguments: [LuaValue], through function: LuaModule.Function?
  ) async throws -> [LuaValue] {
    let state = try idleState()
    let mailbox = Mailbox(of: thread)
    let operations = HostOperations(on: thread.tasks) { mailbox.post($0) }
    isRunning = true
    signal.begin(mailbox)
    defer {
      isRunning = false
      signal.end()
    }
    let limits = limits
    let run = HostBridge.Run(mailbox: mailbox, operations: operations)
    return try await withTaskCancellationHandler {
      let result: Result<[LuaValue], any Error>
      do {
        result = .success(try await state.run(chunk, arguments: arguments, through: function, in: run, on: self))
      } catch let error as LuaError where error.code == .runtime && Task.isCancelled {
        // A host function may notice the cancellation before the script does.
        result = .failure(LuaError(stop: CLUA_STOP_CANCELLED, limits: limits))
      } catch {
        result = .failure(error)
      }
      operations.cancel()
      await operations.end()
      return try result.get()
    } onCancel: {
      signal.raise(CLUA_STOP_CANCELLED)
      operations.cancel()
    }
  }

  /// Whether a run was given up while its thread was inside a step of the interpreter that nothing can interrupt.
  ///
  /// The thread ends, and the memory is freed, when that step does; the engine runs nothing any more.
  public nonisolated var isAbandoned: Bool { abandonment.load(ordering: .acquiring) }

  /// Threads that were given up and have not ended yet, of all engines.
  public static var abandonedThreads: Int { abandoned.load(ordering: .relaxed) }

  /// Compiles `chunk` without running it.
  public func check(_ chunk: LuaChunk) throws(LuaError) {
    let state = try idleState()
    signal.end()
    defer { signal.end() }
    try state.check(chunk)
  }

  /// Ends the run that is in progress, if any; it throws `LuaError.Code.cancelled`. Any thread may call it.
  public nonisolated func cancel() { signal.raise(CLUA_STOP_CANCELLED) }

  /// Bytes that the state holds, and the most it has held.
  public var memory: (used: Int, peak: Int) { state?.memory ?? (0, 0) }

  /// Instructions of the last run, in steps of 250. Under `LuaInterruption.signal` they are not counted.
  public var instructions: Int { state?.instructions ?? 0 }

  /// Growing allocations so far, to aim `AllocationFailure`.
  var allocations: Int { state?.allocations ?? 0 }

  /// Frees the state; later runs throw. Does nothing while a chunk runs.
  public func close() {
    if !isRunning { state = nil }
  }

  private func idleState() throws(LuaError) -> LuaState {
    guard let state else { throw LuaError(code: .internalFailure, message: "the engine is closed") }
    guard !isRunning else { throw LuaError(code: .internalFailure, message: "the engine is running a chunk already") }
    return state
  }

  private nonisolated func refuseAbandoned() throws(LuaError) {
    guard isAbandoned else { return }
    throw LuaError(
      code: .internalFailure, message: "the engine's thread was given up in an earlier run; make a new engine")
  }
}

/// Carries the state to its thread, and lets go of it there.
///
/// Unchecked: written once, by the closure that takes it, after the actor is gone.
private final class Transfer: @unchecked Sendable {
  private var state: LuaState?
  init(_ state: LuaState?) { self.state = state }
  func drop() { state = nil }
}

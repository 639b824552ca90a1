import CLuaShims

/// A Lua 5.4 state in a sandbox, with limits, on a thread of its own.
///
/// Globals persist from one run to the next. One chunk runs at a time.
public actor LuaEngine {
  /// Test switch: which growing allocation of the state fails.
  struct AllocationFailure: Sendable {
    let number: Int
    let fromThereOn: Bool
  }

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
  ///   - modules: What scripts find as globals and by `require`.
  ///   - moduleSource: Finds the modules that are written in Lua; nil: there are none.
  ///   - seed: Of `math.random`; nil: different each time.
  ///   - clock: Behind `os.time` and its kin; nil: the system's.
  ///   - output: Takes each line printed, its newline included; called on the engine's thread.
  /// - Throws: `LuaError` when a prelude fails or memory runs out.
  public init(
    limits: LuaLimits = .init(), modules: [LuaModule] = [], moduleSource: LuaModuleSource? = nil, seed: UInt64? = nil,
    clock: LuaClock? = nil, output: @escaping @Sendable (LuaString) -> Void
  ) async throws(LuaError) {
    try await self.init(
      limits: limits, modules: modules, moduleSource: moduleSource, seed: seed, clock: clock, failing: nil,
      output: output)
  }

  init(
    limits: LuaLimits, modules: [LuaModule], moduleSource: LuaModuleSource?, seed: UInt64?, clock: LuaClock?,
    failing: AllocationFailure?, output: @escaping @Sendable (LuaString) -> Void
  ) async throws(LuaError) {
    guard let signal = StopSignal() else { throw LuaError.memory }
    guard let thread = LuaThread.start() else {
      throw LuaError(code: .internalFailure, message: "the system has no thread left")
    }
    self.thread = thread
    self.signal = signal
    self.limits = limits
    try open(limits, modules, moduleSource, seed, clock, failing, output)
  }

  deinit {
    // The thread drops the last reference, so that the state is freed where it lived.
    let state = Transfer(state)
    thread.stop { state.drop() }
  }

  private func open(
    _ limits: LuaLimits, _ modules: [LuaModule], _ moduleSource: LuaModuleSource?, _ seed: UInt64?, _ clock: LuaClock?,
    _ failing: AllocationFailure?, _ output: @escaping @Sendable (LuaString) -> Void
  ) throws(LuaError) {
    let bridge = HostBridge(
      functions: modules.flatMap(\.functions), moduleSource: moduleSource, clock: clock, output: output)
    let state = try LuaState(limits: limits, bridge: bridge, signal: signal, failing: failing)
    self.state = state
    if let seed { try state.seed(seed) }
    var first = 0
    for module in modules {
      try state.add(module, first: first)
      first += module.functions.count
    }
  }

  /// Runs `chunk` with `arguments` as its `...`, and returns what it returns.
  ///
  /// Cancelling the task ends the script; the engine stays usable after any error. Returns when every host function
  /// that the script called has returned.
  /// - Throws: `LuaError`, or the error in a `LuaStop`.
  public func run(_ chunk: LuaChunk, arguments: [LuaValue] = []) async throws -> [LuaValue] {
    let state = try idleState()
    let mailbox = Mailbox()
    let (operations, continuation) = AsyncStream<HostOperation>.makeStream()
    isRunning = true
    signal.begin(mailbox)
    defer {
      isRunning = false
      signal.end()
    }
    let limits = limits
    let run = HostBridge.Run(mailbox: mailbox, operations: continuation)
    return try await withTaskCancellationHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await HostOperation.perform(operations) { mailbox.post($0) } }
        if let deadline = limits.deadline {
          let signal = signal
          group.addTask { await Self.stop(signal, after: deadline) }
        }
        defer {
          continuation.finish()
          group.cancelAll()
        }
        do {
          return try await state.run(chunk, arguments: arguments, in: run)
        } catch let error as LuaError where error.code == .runtime && Task.isCancelled {
          // A host function may notice the cancellation before the script does.
          throw LuaError(stop: CLUA_STOP_CANCELLED, limits: limits)
        }
      }
    } onCancel: {
      signal.raise(CLUA_STOP_CANCELLED)
    }
  }

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

  /// Instructions of the last run, in steps of 250.
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

  @concurrent private static func stop(_ signal: StopSignal, after deadline: Duration) async {
    do {
      try await Task.sleep(for: deadline)
      signal.raise(CLUA_STOP_DEADLINE)
    } catch {
      // The run ended first.
    }
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

internal import CLuaShims
import Glibc
public import LuaRuntime
internal import Subprocess
import Synchronization
internal import SystemPackage

/// Runs chunks as `LuaEngine` does, each in a process of its own that has given up its rights: the hard tier of the
/// sandbox.
///
/// What a script can do to an engine in this process, by a defect of the interpreter or by a single instruction that
/// takes minutes, it can do here to its own process only. Host functions run in this process, as they do for
/// `LuaEngine`; they and all that crosses to them look the same.
///
/// Every run has a new process: what one script left behind, in memory or by a defect, never meets the next. Hence,
/// unlike with `LuaEngine`, globals and loaded modules do not persist, and a prelude that fails shows in `run`.
/// One chunk runs at a time.
///
/// Cost: a start of the worker's program per run; two to four system calls on each side per host call.
public actor IsolatedLuaEngine: LuaRunner {
  /// How long a script has to end after it was cancelled, before its process is killed.
  static let cancellationGrace = Duration.seconds(1)

  private let limits: LuaLimits
  private let modules: [LuaModule]
  private let moduleSource: LuaModuleSource?
  private let seed: UInt64?
  private let clock: LuaClock?
  private let worker: LuaWorker
  private let output: @Sendable (LuaString) -> Void
  /// Of the run in progress.
  private let inbox = Mutex<Inbox?>(nil)
  private var isClosed = false
  private var isRunning = false
  private var report = Conversation.Report()

  /// Starts nothing yet.
  ///
  /// - Parameters:
  ///   - limits: What each run may use. The deadline counts the start of the process.
  ///   - modules: What scripts find as globals and by `require`.
  ///   - moduleSource: Finds the modules that are written in Lua; nil: there are none.
  ///   - seed: Of `math.random`; nil: different each time.
  ///   - clock: Behind `os.time` and its kin; nil: the system's, and the script's own processor time.
  ///   - worker: The program that runs scripts.
  ///   - output: Takes each line printed, its newline included; called on a thread of the run.
  public init(
    limits: LuaLimits = .init(), modules: [LuaModule] = [], moduleSource: LuaModuleSource? = nil, seed: UInt64? = nil,
    clock: LuaClock? = nil, worker: LuaWorker = LuaWorker(), output: @escaping @Sendable (LuaString) -> Void
  ) {
    self.limits = limits
    self.modules = modules
    self.moduleSource = moduleSource
    self.seed = seed
    self.clock = clock
    self.worker = worker
    self.output = output
  }

  /// Runs `chunk` with `arguments` as its `...`, and returns what it returns.
  ///
  /// Cancelling the task ends the script, after a second by force; the engine stays usable after any error. Returns
  /// when the process is gone and every host function that the script called has returned.
  /// - Throws: `LuaError`, of code `interpreterCrashed` when the process died of itself; or the error in a `LuaStop`.
  public func run(_ chunk: LuaChunk, arguments: [LuaValue] = []) async throws -> [LuaValue] {
    try await perform(.run(chunk, arguments: arguments))
  }

  /// Compiles `chunk` without running it.
  public func check(_ chunk: LuaChunk) async throws(LuaError) {
    do {
      _ = try await perform(.check(chunk))
    } catch let error as LuaError {
      throw error
    } catch {
      throw LuaError(code: .internalFailure, message: "the chunk can't be checked: \(error)", underlying: error)
    }
  }

  /// Ends the run that is in progress, if any; it throws `LuaError.Code.cancelled`. Any thread may call it.
  public nonisolated func cancel() { inbox.withLock { $0 }?.stop(CLUA_STOP_CANCELLED) }

  /// Later runs throw. Does nothing while a chunk runs.
  public func close() {
    if !isRunning { isClosed = true }
  }

  /// The most bytes that Lua held in the last run that ended of itself, as its process told.
  public var peakMemory: Int { report.peakMemory }

  /// Instructions of that run, in steps of 250.
  public var instructions: Int { report.instructions }

  /// What held the process of the last run; nil before the first, or when it did not come so far.
  public var confinement: LuaConfinement? { report.confinement }

  private func perform(_ task: WorkerJob.Task) async throws -> [LuaValue] {
    guard !isClosed else { throw LuaError(code: .internalFailure, message: "the engine is closed") }
    guard !isRunning else { throw LuaError(code: .internalFailure, message: "the engine is running a chunk already") }
    if Task.isCancelled { throw LuaError(stop: CLUA_STOP_CANCELLED, limits: limits) }
    isRunning = true
    defer { isRunning = false }
    let inbox = try Self.makeInbox()
    let operations = HostOperations { inbox.post($0) }
    self.inbox.withLock { $0 = inbox }
    defer { self.inbox.withLock { $0 = nil } }
    let conversation = try Conversation(
      job: WorkerJob(
        limits: limits, modules: modules, seed: seed ?? .random(in: .min ... .max), hasClock: clock != nil,
        task: task),
      moduleSource: moduleSource, clock: clock, output: output, operations: operations, inbox: inbox,
      deadline: limits.deadline.map { .now + $0 })
    return try await withTaskCancellationHandler {
      let result: Result<[LuaValue], any Error>
      do {
        result = .success(try await hold(conversation))
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
      inbox.stop(CLUA_STOP_CANCELLED)
      operations.cancel()
    }
  }

  private static func makeInbox() throws(LuaError) -> Inbox {
    do {
      return try Inbox()
    } catch {
      throw LuaError(noWorker: error)
    }
  }

  /// Starts the worker, talks with it, and sees it dead.
  private func hold(_ conversation: Conversation) async throws -> [LuaValue] {
    let status: TerminationStatus
    do {
      let ends = try Channel.makePair()
      let channel = Channel(ends[0])
      var options = PlatformOptions()
      // Ctrl-C on the terminal is for this process, which may have more to do with the script.
      options.processGroupID = 0
      // The conversation ends the worker; this is for the moment between its start and the first word.
      options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: Self.cancellationGrace * 2)]
      status = try await Subprocess.run(
        .path(FilePath(worker.executable)), arguments: Arguments(worker.arguments),
        environment: .custom(environment), platformOptions: options,
        input: .fileDescriptor(FileDescriptor(rawValue: ends[1]), closeAfterSpawningProcess: true), output: .discarded,
        error: .discarded
      ) { execution in
        await conversation.hold(on: channel) { try? execution.send(signal: .terminate) }
        try? execution.send(signal: .kill)
      }.terminationStatus
    } catch {
      if Task.isCancelled { throw LuaError(stop: CLUA_STOP_CANCELLED, limits: limits) }
      throw LuaError(noWorker: error)
    }
    report = await conversation.report
    switch await conversation.ending {
    case .ended(let result): return try result.get()
    case .stopped(let reason): throw LuaError(stop: reason, limits: limits)
    case .lost(let stop, let hasGreeted):
      throw LuaError(lost: status, stop: stop, hasGreeted: hasGreeted, worker: worker, limits: limits)
    case nil: throw LuaError(code: .internalFailure, message: "the isolated run has no end")
    }
  }

  /// The time zone belongs to `os.date`; its name is given in full, because the worker can't look for it later.
  private var environment: [Environment.Key: String] {
    var variables: [Environment.Key: String] = [:]
    variables["TZ"] = unsafe getenv("TZ").map { unsafe String(cString: $0) } ?? ":/etc/localtime"
    for (name, value) in worker.environment { variables[Environment.Key(stringLiteral: name)] = value }
    return variables
  }
}

extension LuaError {
  fileprivate init(noWorker error: any Error) {
    self.init(
      code: .internalFailure, message: "the isolated Lua process can't be started: \(error)", underlying: error)
  }
}

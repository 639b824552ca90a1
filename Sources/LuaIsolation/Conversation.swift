internal import CLuaShims
import LuaRuntime

/// The talk with one worker, from its greeting to its end, on a thread of its own.
///
///     greeting ── job ──▶ running ──▶ end │ lost │ killed
///
/// Nothing the worker says is believed: its interpreter may have been taken over by the script. Every frame is checked,
/// what it makes us hold is bounded, and no word of its keeps it alive past its limits.
actor Conversation {
  /// How the talk ended; the worker is to be killed in any case.
  enum Ending: Sendable {
    case ended(Result<[LuaValue], any Error>)
    /// We stopped the run, for `CLUA_STOP_…`, and did not wait for the worker's own word.
    case stopped(Int)
    /// The worker closed the channel: it died, and how tells why.
    case lost(stop: Int?, hasGreeted: Bool)
  }

  /// What the worker told of itself.
  struct Report: Sendable {
    var confinement: LuaConfinement?
    var peakMemory = 0
    var instructions = 0
  }

  /// How long a program may take to become a worker.
  private static let longestStart = Duration.seconds(20)
  /// How long a worker may take to say where it was when the deadline came.
  private static let lastWords = Duration.milliseconds(250)
  /// How long after its limit of time in Lua a worker may be silent: its own clock comes first.
  private static let silenceMargin = Duration.seconds(1)
  /// Bytes that a waiting call costs us beyond its arguments, or an error that Lua holds.
  private static let callCost = 512
  /// Bytes of the longest branch: beyond what the deepest nesting makes of it.
  private static let longestBranch = 1 << 14

  private let thread: LuaThread
  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

  private let job: WorkerJob
  private let host: HostCalls
  private let clock: LuaClock?
  private let output: @Sendable (LuaString) -> Void
  private let operations: HostOperations
  private let inbox: Inbox
  private let deadline: ContinuousClock.Instant?

  private(set) var ending: Ending?
  private(set) var report = Report()

  private var incoming: FrameSplitter
  private var outgoing: [UInt8] = []
  private var sent = 0
  private var lastAnswerInPlace = 0  // where in `outgoing` it ends
  private var pending: [UInt64: Int] = [:]  // what each call costs
  private var pendingCost = 0
  private var calls = 0
  private var lastClockBranch: String?
  private var printed = 0
  private var stop: (reason: Int, kill: ContinuousClock.Instant)?
  private var lastContact = SuspendingClock.now

  /// - Parameters:
  ///   - operations: performs the async calls, and posts what they come to in `inbox`.
  ///   - deadline: of the run.
  /// - Throws: `LuaError` when the system has no thread left.
  init(
    job: WorkerJob, moduleSource: LuaModuleSource?, clock: LuaClock?, output: @escaping @Sendable (LuaString) -> Void,
    operations: HostOperations, inbox: Inbox, deadline: ContinuousClock.Instant?
  ) throws(LuaError) {
    guard let thread = LuaThread.start() else {
      throw LuaError(code: .internalFailure, message: "the system has no thread left")
    }
    self.thread = thread
    self.job = job
    host = HostCalls(functions: job.modules.flatMap(\.functions), moduleSource: moduleSource)
    self.clock = clock
    self.output = output
    self.operations = operations
    self.inbox = inbox
    self.deadline = deadline
    let values = job.limits.valueBytes.addingClamped(256 << 10)
    incoming = FrameSplitter(longest: [
      CLUA_FRAME_HELLO: 8, CLUA_FRAME_CALL: values, CLUA_FRAME_OUTPUT: job.limits.hardMemory, CLUA_FRAME_CLOCK: 1 << 16,
      CLUA_FRAME_RELEASED: 8, CLUA_FRAME_END: values,
    ])
  }

  deinit { thread.stop {} }

  /// Talks until the end. Blocks the conversation's thread.
  ///
  /// - Parameter terminate: asks the worker's process to end.
  func hold(on channel: Channel, terminate: () -> Void) {
    let greetingDue = ContinuousClock.now + Self.longestStart
    outgoing = job.frames
    var isReady = (here: false, other: true)
    while ending == nil {
      if isReady.other { handleInbox(terminate) }
      if isReady.here { receive(from: channel) }
      checkTime(greetingDue, terminate)
      flush(channel)
      if ending != nil { return }
      isReady = channel.wait(
        toSend: sent < outgoing.count, or: inbox.bell, timeout: timeToNextCheck(greetingDue))
    }
  }

  // MARK: Time

  private func checkTime(_ greetingDue: ContinuousClock.Instant, _ terminate: () -> Void) {
    if ending != nil { return }
    let now = ContinuousClock.now
    if let deadline, now >= deadline { ask(CLUA_STOP_DEADLINE, Self.lastWords, terminate) }
    if let stop, now >= stop.kill { ending = .stopped(stop.reason) }
    if report.confinement == nil, now >= greetingDue { ending = .lost(stop: nil, hasGreeted: false) }
    if let silence = longestSilence, SuspendingClock.now >= lastContact + silence { ending = .stopped(CLUA_STOP_TIME) }
  }

  private func timeToNextCheck(_ greetingDue: ContinuousClock.Instant) -> Duration? {
    let now = ContinuousClock.now
    var times: [Duration] = []
    if let stop { times.append(stop.kill - now) } else if let deadline { times.append(deadline - now) }
    if report.confinement == nil { times.append(greetingDue - now) }
    if let silence = longestSilence { times.append(lastContact + silence - SuspendingClock.now) }
    return times.min()
  }

  /// How long a worker that can only be in Lua may say nothing. With calls pending it may be waiting for them; then the
  /// limit of its processor time holds.
  private var longestSilence: Duration? {
    guard report.confinement != nil, pending.isEmpty, let limit = job.limits.luaTime else { return nil }
    return limit + Self.silenceMargin
  }

  /// Asks the worker to end the run, and gives it `grace` to do so.
  private func ask(_ reason: Int, _ grace: Duration, _ terminate: () -> Void) {
    guard stop == nil else { return }
    stop = (reason, .now + grace)
    outgoing += FrameWriter(CLUA_FRAME_CANCEL).finish()  // for a worker that waits
    terminate()  // for one that computes
  }

  // MARK: To the worker

  private func handleInbox(_ terminate: () -> Void) {
    let contents = inbox.take()
    for completion in contents.completions {
      guard let cost = pending.removeValue(forKey: completion.operation) else { continue }
      pendingCost -= cost
      answer(completion.operation, host.answer(completion.result))
    }
    if let reason = contents.stop { ask(reason, IsolatedLuaEngine.cancellationGrace, terminate) }
  }

  /// - Parameter operation: 0: the call that the worker waits for in place.
  private func answer(_ operation: UInt64, _ answer: HostCalls.Answer) {
    var frame = FrameWriter(CLUA_FRAME_ANSWER)
    frame.number(operation)
    switch answer {
    case .values(let values):
      frame.number(UInt8(CLUA_ANSWER_VALUES))
      if !values.isEmpty { frame.raw(TapeWriter(values).bytes) }
    case .failed(let values):
      frame.number(UInt8(CLUA_ANSWER_FAILED))
      frame.raw(TapeWriter(values).bytes)
    case .pending(let call):
      operations.start(call)
      return
    case .stop(let error):
      ending = .ended(.failure(error))
      return
    }
    // A sound worker takes its answers, and lets go of errors before the memory for them ends.
    let limit = min(job.limits.addressSpace ?? .max, Int(UInt32.max))
    guard outgoing.count - sent + frame.bytes.count <= limit, host.heldErrors <= limit / Self.callCost else {
      ending = .stopped(CLUA_STOP_MEMORY)
      return
    }
    outgoing += frame.finish()
    if operation == 0 { lastAnswerInPlace = outgoing.count }
  }

  private func flush(_ channel: Channel) {
    if outgoing.isEmpty { return }
    while sent < outgoing.count {
      let count = channel.send(outgoing[sent...])
      if count == 0 { return }
      sent += count
    }
    outgoing.removeAll(keepingCapacity: outgoing.capacity < 1 << 20)
    sent = 0
    lastAnswerInPlace = 0
    lastContact = .now
  }

  // MARK: From the worker

  private func receive(from channel: Channel) {
    switch channel.receive() {
    case .nothing: return
    case .end: ending = ending ?? .lost(stop: stop?.reason, hasGreeted: report.confinement != nil)
    case .bytes(let bytes):
      incoming.append(bytes)
      do throws(Violation) {
        while ending == nil, let frame = try incoming.next() { try handle(frame) }
      } catch {
        ending = .ended(.failure(LuaError(violation: error)))
      }
      lastContact = .now  // host functions took their time
    }
  }

  private func handle(_ frame: consuming Frame) throws(Violation) {
    guard (report.confinement == nil) == (frame.kind == CLUA_FRAME_HELLO) else {
      throw Violation("its greeting at the wrong time")
    }
    switch frame.kind {
    case CLUA_FRAME_HELLO: try greet(frame)
    case CLUA_FRAME_CALL: try call(frame)
    case CLUA_FRAME_OUTPUT:
      let line = frame.rest()
      printed += line.count
      if let limit = job.limits.outputBytes, printed > limit {
        ending = .stopped(CLUA_STOP_OUTPUT)
      } else {
        output(LuaString(bytes: line))
      }
    case CLUA_FRAME_CLOCK: try tellTime(frame)
    case CLUA_FRAME_RELEASED:
      host.forget(try frame.number())
      try frame.end()
    case CLUA_FRAME_END: try end(frame)
    default: throw Violation("a frame of unknown kind \(frame.kind)")
    }
  }

  private func greet(_ frame: consuming Frame) throws(Violation) {
    guard try frame.number(UInt32.self) == UInt32(CLUA_WORKER_VERSION) else {
      throw Violation("the greeting of another version")
    }
    let confined = Int(try frame.number(UInt32.self))
    try frame.end()
    report.confinement = LuaConfinement(
      hasResourceLimits: confined & CLUA_CONFINED_BY_LIMITS != 0,
      hasSystemCallFilter: confined & CLUA_CONFINED_BY_SYSTEM_CALL_FILTER != 0)
  }

  private func call(_ frame: consuming Frame) throws(Violation) {
    let number: UInt32 = try frame.number()
    let operation: UInt64 = try frame.number()
    let waits = try frame.number(UInt8.self) != 0
    let line: UInt32 = try frame.number()
    let chunk = try frame.text()
    let branch = try self.branch(&frame)
    let tape = frame.rest()
    // It cannot have heard the last answer yet.
    guard !waits || sent >= lastAnswerInPlace else { throw Violation("a call before it had the answer of the last") }
    if number != HostCalls.moduleSourceNumber, !countCall() { return }
    let isAsync = try isAsync(number)
    guard waits || (isAsync && operation != 0 && pending[operation] == nil) else {
      throw Violation("a call that it does not wait for")
    }
    guard let arguments = try values(tape) else { return }
    if !waits {
      let cost =
        Self.callCost + chunk.utf8.count + branch.utf8.count + tape.count + arguments.count
        * LuaValue.mostBytes
      pending[operation] = cost
      pendingCost += cost
      if pendingCost > job.limits.hardMemory {
        ending = .stopped(CLUA_STOP_MEMORY)
        return
      }
    }
    let location = line == 0 ? nil : LuaLocation(chunk: chunk, line: Int(line))
    answer(
      waits ? 0 : operation,
      host.call(
        number, operation: operation, arguments: arguments.values, origin: LuaCall.Origin(location, branch: branch),
        canWait: !waits))
  }

  private func branch(_ frame: inout Frame) throws(Violation) -> String {
    let branch = try frame.text()
    guard branch.utf8.count <= Self.longestBranch else { throw Violation("a branch of \(branch.utf8.count) bytes") }
    return branch
  }

  /// - Returns: whether there may be one more.
  private func countCall() -> Bool {
    calls += 1
    guard let limit = job.limits.hostCalls, calls > limit else { return true }
    ending = .stopped(CLUA_STOP_CALLS)
    return false
  }

  private func isAsync(_ number: UInt32) throws(Violation) -> Bool {
    if number == HostCalls.moduleSourceNumber { return false }
    guard let isAsync = host.isAsync(number) else { throw Violation("a call of a function that is none") }
    return isAsync
  }

  /// The values of a tape; nil when they are too many, and the run ends.
  private func values(_ tape: [UInt8]) throws(Violation) -> (values: [LuaValue], count: Int)? {
    if tape.isEmpty { return ([], 0) }
    do throws(TapeFault) {
      return try TapeReader.read(tape, maximumValues: job.limits.hardMemory / LuaValue.mostBytes)
    } catch {
      guard error == .tooLarge else { throw Violation("values that are none") }
      ending = .stopped(CLUA_STOP_MEMORY)
      return nil
    }
  }

  private func tellTime(_ frame: consuming Frame) throws(Violation) {
    let which: UInt8 = try frame.number()
    let shown = Double(bitPattern: try frame.number())
    let branch = try self.branch(&frame)
    try frame.end()
    // What a clock showed is kept for each task that looks at it.
    if branch != lastClockBranch {
      lastClockBranch = branch
      guard countCall() else { return }
    }
    guard let clock, which <= 1, shown.isFinite else { throw Violation("a question for a clock that is none") }
    guard sent >= lastAnswerInPlace else { throw Violation("a question before it had the answer of the last") }
    var answer = FrameWriter(CLUA_FRAME_TIME)
    answer.number((which == 1 ? clock.processorTime(branch, shown) : clock.time(branch)).bitPattern)
    outgoing += answer.finish()
    lastAnswerInPlace = outgoing.count
  }

  private func end(_ frame: consuming Frame) throws(Violation) {
    let module: UInt32 = try frame.number()
    let status = Int(try frame.number(Int32.self))
    var reason = Int(try frame.number(Int32.self))
    report.peakMemory = Int(max(0, try frame.number(Int64.self)))
    report.instructions = Int(max(0, try frame.number(Int64.self)))
    guard module == .max || module < UInt32(job.modules.count) else {
      throw Violation("the end of a module that is none")
    }
    guard [CLUA_DONE, CLUA_ERROR, CLUA_SYNTAX, CLUA_INVALID, CLUA_STOPPED].contains(status) else {
      throw Violation("an end that is none")
    }
    guard status != CLUA_STOPPED || (CLUA_STOP_TIME...CLUA_STOP_CANCELLED).contains(reason) else {
      throw Violation("an end for no reason")
    }
    guard let values = try values(frame.rest()) else { return }
    // It knows that it was asked to stop, not why.
    if let stop, reason == CLUA_STOP_CANCELLED { reason = stop.reason }
    let outcome = LuaOutcome(status: status, reason: reason, values: values.values)
    do throws(LuaError) {
      if module != .max { try outcome.accept(module: job.modules[Int(module)].name, limits: job.limits) }
      ending = .ended(.success(try outcome.results(limits: job.limits, hostError: host.error)))
    } catch {
      ending = .ended(.failure(error))
    }
  }
}

extension Int {
  fileprivate func addingClamped(_ other: Int) -> Int {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? .max : sum
  }
}

import CLuaShims
import Glibc

/// The Swift side of the shim's callbacks. Lives on the engine's thread only.
@safe final class HostBridge {
  /// A class: each call looks whether there is one.
  final class Run: Sendable {
    let mailbox: Mailbox
    let operations: HostOperations

    init(mailbox: Mailbox, operations: HostOperations) {
      self.mailbox = mailbox
      self.operations = operations
    }
  }

  private let host: HostCalls
  private let clock: LuaClock?
  private let output: @Sendable (LuaString) -> Void
  private var lastChunk = ""
  private var lastChunkBytes: [CChar] = [0]
  private var tape = TapeMemory()

  var engine: OpaquePointer?
  var run: Run?
  /// What the host function that ended the run threw.
  var stopError: (any Error)?

  init(
    functions: [LuaHostFunction], moduleSource: LuaModuleSource?, clock: LuaClock?,
    output: @escaping @Sendable (LuaString) -> Void
  ) {
    host = HostCalls(functions: functions, moduleSource: moduleSource)
    self.clock = clock
    self.output = output
  }

  var callbacks: clua_callbacks {
    unsafe clua_callbacks(
      context: Unmanaged.passUnretained(self).toOpaque(),
      call: { context, function, operation, tape, length, chunk, line, branch in
        guard let context = unsafe context else { return Int32(CLUA_ANSWER_STOP) }
        return unsafe Unmanaged<HostBridge>.fromOpaque(context)._withUnsafeGuaranteedRef { bridge in
          var reader = unsafe TapeReader(tape, length)
          let origin = unsafe LuaCall.Origin(bridge.location(chunk, Int(line)), branch: HostBridge.text(branch))
          do {
            return Int32(bridge.call(function, operation, try reader.values(), origin))
          } catch {
            return Int32(bridge.stop(LuaError(code: .internalFailure, message: "the shim's call can't be read")))
          }
        }
      },
      wait: { context, operation in
        if let bridge = unsafe HostBridge.from(context) { bridge.wait(operation) }
      },
      output: { context, bytes, length in
        guard let bridge = unsafe HostBridge.from(context) else { return }
        let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: length)
        unsafe bridge.output(LuaString(bytes: Array(buffer)))
      },
      clock: { context, which, branch in
        guard let bridge = unsafe HostBridge.from(context) else { return 0 }
        return unsafe bridge.seconds(ofProcessor: which == 1, branch: HostBridge.text(branch))
      })
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> HostBridge? {
    unsafe context.map { unsafe Unmanaged<HostBridge>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func text(_ branch: UnsafePointer<CChar>?) -> String {
    guard let branch = unsafe branch, unsafe branch.pointee != 0 else { return "" }
    return unsafe String(cString: branch)
  }

  /// Calls come from few chunks: the name of the last is kept instead of being made again.
  private func location(_ chunk: UnsafePointer<CChar>?, _ line: Int) -> LuaLocation? {
    guard let chunk = unsafe chunk else { return nil }
    let isSame = unsafe lastChunkBytes.withUnsafeBufferPointer { last in
      if let start = last.baseAddress { unsafe strcmp(start, chunk) == 0 } else { false }
    }
    if !isSame {
      unsafe lastChunkBytes = Array(UnsafeBufferPointer(start: chunk, count: strlen(chunk) + 1))
      unsafe lastChunk = String(cString: chunk)
    }
    return LuaLocation(chunk: lastChunk, line: line)
  }

  private func call(
    _ number: UInt32, _ operation: UInt64, _ arguments: consuming [LuaValue], _ origin: consuming LuaCall.Origin
  ) -> Int {
    switch host.call(number, operation: operation, arguments: arguments, origin: origin, canWait: run != nil) {
    case .values(let values): return answer(values)
    case .failed(let values):
      forgetReleasedErrors()
      let answer = answer(values)
      return answer == CLUA_ANSWER_VALUES ? CLUA_ANSWER_FAILED : answer
    case .pending(let operation):
      run?.operations.start(operation)
      return CLUA_ANSWER_PENDING
    case .stop(let error): return stop(error)
    }
  }

  private func answer(_ values: [LuaValue]) -> Int {
    if values.isEmpty { return CLUA_ANSWER_VALUES }  // the shim has emptied the answer
    tape.write(values)
    guard unsafe tape.withBytes({ unsafe clua_answer(engine, $0.baseAddress, $0.count) }) != 0 else {
      return stop(LuaError.memory)
    }
    return CLUA_ANSWER_VALUES
  }

  private func stop(_ error: any Error) -> Int {
    if stopError == nil { stopError = error }
    return CLUA_ANSWER_STOP
  }

  private func forgetReleasedErrors() {
    while true {
      let released = unsafe clua_released_error(engine)
      if released == 0 { return }
      host.forget(released)
    }
  }

  func error(_ number: Int64) -> (any Error)? { host.error(number) }

  /// Hands completions to the shim; touches no Lua.
  func deliver(_ completions: [HostOperation.Completion]) {
    for completion in completions {
      var tape: [UInt8] = []
      var answer = CLUA_ANSWER_VALUES
      switch host.answer(completion.result) {
      case .values(let values): tape = values.isEmpty ? [] : TapeWriter(values).bytes
      case .failed(let values):
        forgetReleasedErrors()
        tape = TapeWriter(values).bytes
        answer = CLUA_ANSWER_FAILED
      case .pending: continue  // a result is never pending
      case .stop(let error): answer = stop(error)
      }
      unsafe tape.withUnsafeBufferPointer { tape in
        unsafe clua_complete(engine, completion.operation, Int32(answer), tape.baseAddress, tape.count)
      }
    }
  }

  private func wait(_ operation: UInt64) {
    guard let run else { return }
    run.mailbox.waitInPlace()
    deliver(run.mailbox.take())
    tellTimeElsewhere()
  }

  /// What the thread does for the host does not count as time in Lua.
  func tellTimeElsewhere() {
    guard let run else { return }
    unsafe clua_tell_time_elsewhere(engine, run.mailbox.thread.timeInTasks)
  }

  private func seconds(ofProcessor: Bool, branch: String) -> Double {
    if let clock, !ofProcessor { return clock.time(branch) }
    var time = timespec()
    unsafe clock_gettime(ofProcessor ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_REALTIME, &time)
    let seconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    return clock?.processorTime(branch, seconds) ?? seconds
  }
}

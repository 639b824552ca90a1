import CLuaShims
import Glibc

/// An async host call, on its way to the tasks that perform it.
struct HostOperation: Sendable {
  let id: UInt64
  let call: LuaCall
  let body: @Sendable @concurrent (LuaCall) async throws -> [LuaValue]
}

/// The Swift side of the shim's callbacks. Lives on the engine's thread only.
@safe final class HostBridge {
  struct Run {
    let mailbox: Mailbox
    let operations: AsyncStream<HostOperation>.Continuation
  }

  private let functions: [LuaHostFunction]
  private let moduleSource: LuaModuleSource?
  private let clock: LuaClock?
  private let output: @Sendable (LuaString) -> Void
  private var errors: [UInt64: any Error] = [:]
  private var lastError: UInt64 = 0
  private var lastLocation: LuaLocation?
  private var lastChunk: [CChar] = []

  var engine: OpaquePointer?
  var run: Run?
  /// What the host function that ended the run threw.
  var stopError: (any Error)?

  init(
    functions: [LuaHostFunction], moduleSource: LuaModuleSource?, clock: LuaClock?,
    output: @escaping @Sendable (LuaString) -> Void
  ) {
    self.functions = functions
    self.moduleSource = moduleSource
    self.clock = clock
    self.output = output
  }

  var callbacks: clua_callbacks {
    unsafe clua_callbacks(
      context: Unmanaged.passUnretained(self).toOpaque(),
      call: { context, function, operation, tape, length, chunk, line in
        guard let bridge = unsafe HostBridge.from(context) else { return Int32(CLUA_ANSWER_STOP) }
        var reader = unsafe TapeReader(tape, length)
        let arguments = reader.values()
        let location = unsafe bridge.location(chunk, Int(line))
        return Int32(bridge.call(Int(function), operation, arguments, location))
      },
      wait: { context, operation in
        if let bridge = unsafe HostBridge.from(context) { bridge.wait(operation) }
      },
      output: { context, bytes, length in
        guard let bridge = unsafe HostBridge.from(context) else { return }
        let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: length)
        unsafe bridge.output(LuaString(bytes: Array(buffer)))
      },
      clock: { context, which in
        guard let bridge = unsafe HostBridge.from(context) else { return 0 }
        return bridge.seconds(ofProcessor: which == 1)
      })
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> HostBridge? {
    unsafe context.map { unsafe Unmanaged<HostBridge>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Calls come from few places: the last chunk name is kept instead of being made again.
  private func location(_ chunk: UnsafePointer<CChar>?, _ line: Int) -> LuaLocation? {
    guard let chunk = unsafe chunk else { return nil }
    var isSame = false
    if lastLocation != nil {
      unsafe lastChunk.withUnsafeBufferPointer { last in
        if let start = last.baseAddress { isSame = unsafe strcmp(start, chunk) == 0 }
      }
    }
    if isSame {
      lastLocation?.line = line
    } else {
      unsafe lastChunk = Array(UnsafeBufferPointer(start: chunk, count: strlen(chunk) + 1))
      unsafe lastLocation = LuaLocation(chunk: String(cString: chunk), line: line)
    }
    return lastLocation
  }

  private func call(_ number: Int, _ operation: UInt64, _ arguments: [LuaValue], _ location: LuaLocation?) -> Int {
    do {
      if number == Int(UInt32.max) { return answer(try source(of: arguments)) }
      let function = functions[number]
      let call = LuaCall(function: function.name, arguments: arguments, location: location)
      switch function.body {
      case .sync(let body): return answer(try body(call))
      case .async(let body):
        guard let run else {
          throw LuaError(code: .runtime, message: "'\(function.name)' can't be called while modules are loaded")
        }
        run.operations.yield(HostOperation(id: operation, call: call, body: body))
        return CLUA_ANSWER_PENDING
      }
    } catch {
      return fail(error)
    }
  }

  private func source(of arguments: [LuaValue]) throws -> [LuaValue] {
    guard let name = arguments.first?.stringValue, let found = try moduleSource?(name) else { return [] }
    return [.text(found.chunkName), .string(LuaString(bytes: found.source))]
  }

  private func answer(_ values: [LuaValue]) -> Int {
    if values.isEmpty { return CLUA_ANSWER_VALUES }  // the shim has emptied the answer
    let tape = TapeWriter(values).bytes
    guard unsafe tape.withUnsafeBufferPointer({ unsafe clua_answer(engine, $0.baseAddress, $0.count) }) != 0 else {
      return stop(LuaError(code: .limit, message: "not enough memory", limit: .memory))
    }
    return CLUA_ANSWER_VALUES
  }

  private func stop(_ error: any Error) -> Int {
    if stopError == nil { stopError = error }
    return CLUA_ANSWER_STOP
  }

  private func fail(_ error: any Error) -> Int {
    if let stop = error as? LuaStop { return self.stop(stop.underlying) }
    let answer = answer(errorValues(error))
    return answer == CLUA_ANSWER_VALUES ? CLUA_ANSWER_FAILED : answer
  }

  /// The error object, and the number under which the Swift error is kept while the object lives.
  private func errorValues(_ error: any Error) -> [LuaValue] {
    while true {
      let released = unsafe clua_released_error(engine)
      if released == 0 { break }
      errors[released] = nil
    }
    lastError += 1
    errors[lastError] = error
    var table =
      (error as? any LuaErrorConvertible)?.luaError
      ?? LuaTable(fields: [
        LuaField(key: "kind", value: "failed"), LuaField(key: "message", value: .text(String(describing: error))),
      ])
    if table.className == nil { table.className = "error" }
    return [.table(table), .integer(Int64(bitPattern: lastError))]
  }

  func error(_ number: Int64) -> (any Error)? { errors[UInt64(bitPattern: number)] }

  /// Hands completions to the shim; touches no Lua.
  func deliver(_ completions: [Mailbox.Completion]) {
    for completion in completions {
      var tape: [UInt8] = []
      var answer = CLUA_ANSWER_VALUES
      switch completion.result {
      case .success(let values): tape = values.isEmpty ? [] : TapeWriter(values).bytes
      case .failure(let error as LuaStop): answer = stop(error.underlying)
      case .failure(let error):
        tape = TapeWriter(errorValues(error)).bytes
        answer = CLUA_ANSWER_FAILED
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
  }

  private func seconds(ofProcessor: Bool) -> Double {
    if let clock { return ofProcessor ? clock.processorTime() : clock.time() }
    var time = timespec()
    unsafe clock_gettime(ofProcessor ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

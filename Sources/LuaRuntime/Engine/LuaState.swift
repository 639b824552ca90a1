import CLuaShims

/// The shim's engine and what its callbacks need, freed together.
///
/// Unchecked: it is made, used and freed on one `LuaThread` only: the actor that holds it runs there, and its deinit
/// hands it to that thread.
@safe final class LuaState: @unchecked Sendable {
  private let engine: OpaquePointer
  private let bridge: HostBridge
  private let signal: StopSignal
  private let limits: LuaLimits

  init(
    limits: LuaLimits, library: LuaLibrary, bridge: HostBridge, signal: StopSignal,
    failing: LuaEngine.AllocationFailure?
  ) throws(LuaError) {
    var raw = limits.raw
    if let failing {
      raw.fail_allocation = Int64(failing.number)
      raw.fail_from_there_on = failing.fromThereOn ? 1 : 0
    }
    var callbacks = unsafe bridge.callbacks
    guard let engine = unsafe clua_new(&raw, &callbacks, signal.pointer, library.raw) else { throw LuaError.memory }
    unsafe self.engine = engine
    self.bridge = bridge
    self.signal = signal
    self.limits = limits
    unsafe bridge.engine = engine
  }

  deinit { unsafe clua_free(engine) }

  var memory: (used: Int, peak: Int) { unsafe (Int(clua_memory_used(engine)), Int(clua_memory_peak(engine))) }
  var allocations: Int { Int(unsafe clua_allocations(engine)) }
  var instructions: Int { Int(unsafe clua_instructions(engine)) }

  func seed(_ seed: UInt64) throws(LuaError) {
    if unsafe clua_seed(engine, seed) == 0 { throw LuaError.memory }
  }

  /// - Parameter first: The number of the module's first function.
  func add(_ module: LuaModule, first: Int) throws(LuaError) {
    let names = unsafe module.functions.map { unsafe $0.name.copied }
    defer { unsafe names.forEach { unsafe $0.deallocate() } }
    let pointers = unsafe names.map { unsafe UnsafePointer($0) as UnsafePointer<CChar>? }
    let prelude = module.prelude.map { Array($0.utf8) }
    let status = unsafe pointers.withUnsafeBufferPointer { pointers in
      unsafe (prelude ?? []).withUnsafeBufferPointer { bytes in
        unsafe bytes.withMemoryRebound(to: CChar.self) { text in
          // An empty prelude is a prelude too, so that it fails instead of being ignored.
          unsafe module.name.withCString { name in
            unsafe clua_add_module(
              engine, name, pointers.baseAddress, UInt32(first), UInt32(pointers.count),
              prelude == nil ? nil : (text.baseAddress ?? name), text.count, module.isGlobal ? 1 : 0)
          }
        }
      }
    }
    switch Int(status) {
    case CLUA_DONE: return
    case CLUA_STOPPED: throw stopped()
    default:
      let code: LuaError.Code = Int(status) == CLUA_SYNTAX ? .syntax : .runtime
      throw LuaError(code: code, message: "module '\(module.name)': \(result().first?.stringValue ?? "failed")")
    }
  }

  func check(_ chunk: LuaChunk) throws(LuaError) {
    let status = unsafe chunk.withSource { unsafe clua_check(engine, $0, $1, $2) }
    defer { unsafe clua_end(engine) }
    try accept(Int(status))
  }

  /// Runs `chunk` until it ends; suspends while every task of the script waits for the host.
  ///
  /// `engine` is what makes the compiler see to the thread: without it, a closure that does not name its actor runs
  /// on any.
  func run(
    _ chunk: LuaChunk, arguments: [LuaValue], in run: HostBridge.Run, on engine: isolated LuaEngine
  ) async throws -> [LuaValue] {
    bridge.run = run
    bridge.stopError = nil
    defer {
      bridge.run = nil
      bridge.stopError = nil
      unsafe clua_end(self.engine)
    }
    let tape = TapeWriter(arguments).bytes
    var status = unsafe tape.withUnsafeBufferPointer { tape in
      unsafe chunk.withSource { unsafe clua_start(self.engine, $0, $1, $2, tape.baseAddress, tape.count) }
    }
    while Int(status) == CLUA_WAITING {
      status = unsafe clua_step(self.engine)
      guard Int(status) == CLUA_WAITING else { break }
      await run.mailbox.wait()
      bridge.deliver(run.mailbox.take())
    }
    if Int(status) == CLUA_STOPPED, signal.reason == CLUA_STOP_HOST, let error = bridge.stopError { throw error }
    try accept(Int(status))
    return result()
  }

  private func accept(_ status: Int) throws(LuaError) {
    switch status {
    case CLUA_DONE: return
    case CLUA_STOPPED: throw stopped()
    case CLUA_SYNTAX: throw LuaError(syntax: result().first?.text ?? "the chunk does not compile")
    case CLUA_INVALID:
      throw LuaError(code: .invalidValue, message: result().first?.text ?? "a result can't leave the script")
    default: throw failure(result())
    }
  }

  private func result() -> [LuaValue] {
    var length = 0
    let start = unsafe clua_result(engine, &length)
    var reader = unsafe TapeReader(start, length)
    return reader.values()
  }

  private func failure(_ parts: [LuaValue]) -> LuaError {
    guard parts.count == 5 else { return LuaError(code: .internalFailure, message: "the shim gave no error") }
    let value = parts[0]
    var error = LuaError(code: .runtime, message: parts[1].text ?? "error", value: value)
    error.location = parts[2].stringValue.flatMap { LuaLocation($0) }
    error.traceback = parts[3].text
    if let table = value.tableValue {
      if let location = table["where"].stringValue.flatMap({ LuaLocation($0) }) { error.location = location }
      if let traceback = table["traceback"].stringValue { error.traceback = traceback }
    } else {
      error.takeLocationFromMessage()
    }
    if let number = parts[4].integerValue { error.underlying = bridge.error(number) }
    return error
  }

  private func stopped() -> LuaError {
    var error = LuaError(stop: signal.reason, limits: limits)
    error.location = result().first?.stringValue.flatMap { LuaLocation($0) }
    return error
  }
}

extension LuaValue {
  /// The text of a string value, repaired.
  fileprivate var text: String? {
    if case .string(let string) = self { string.description } else { nil }
  }
}

extension String {
  /// A C string that the caller frees.
  fileprivate var copied: UnsafeMutablePointer<CChar> {
    let bytes = utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { unsafe (copy + index).initialize(to: byte) }
    return unsafe copy
  }
}

extension LuaChunk {
  fileprivate func withSource(_ body: (UnsafePointer<CChar>, UnsafePointer<CChar>, Int) -> Int32) -> Int32 {
    unsafe name.withCString { name in
      unsafe source.withUnsafeBufferPointer { bytes in
        unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe body(name, $0.baseAddress ?? name, $0.count) }
      }
    }
  }
}

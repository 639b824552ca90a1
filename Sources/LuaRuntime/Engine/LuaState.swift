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
  private var lineCounts: LuaLineCounts?

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

  func seed(_ seed: UInt64) { unsafe clua_seed(engine, seed) }

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
    try outcome(status).accept(module: module.name, limits: limits)
  }

  func check(_ chunk: LuaChunk) throws(LuaError) {
    let status = unsafe chunk.withSource { unsafe clua_check(engine, $0, $1, $2) }
    defer { unsafe clua_end(engine) }
    _ = try outcome(status).results(limits: limits, hostError: bridge.error)
  }

  /// Runs `chunk` until it ends; suspends while every task of the script waits for the host.
  ///
  /// `engine` is what makes the compiler see to the thread: without it, a closure that does not name its actor runs
  /// on any.
  func run(
    _ chunk: LuaChunk, arguments: [LuaValue], through function: LuaModule.Function?, in run: HostBridge.Run,
    on engine: isolated LuaEngine
  ) async throws -> [LuaValue] {
    bridge.run = run
    bridge.stopError = nil
    defer {
      bridge.run = nil
      bridge.stopError = nil
      tellLineCounts()
      unsafe clua_end(self.engine)
    }
    let tape = TapeWriter(arguments).bytes
    bridge.tellTimeElsewhere()
    var status = unsafe tape.withUnsafeBufferPointer { tape in
      unsafe chunk.withSource { name, source, length in
        guard let function else {
          return unsafe clua_start(self.engine, name, source, length, tape.baseAddress, tape.count)
        }
        return unsafe clua_start_through(
          self.engine, function.module, function.name, name, source, length, tape.baseAddress, tape.count)
      }
    }
    while Int(status) == CLUA_WAITING {
      bridge.tellTimeElsewhere()
      status = unsafe clua_step(self.engine)
      guard Int(status) == CLUA_WAITING else { break }
      await run.mailbox.wait()
      bridge.deliver(run.mailbox.take())
    }
    if Int(status) == CLUA_STOPPED, signal.reason == CLUA_STOP_HOST, let error = bridge.stopError { throw error }
    return try outcome(status).results(limits: limits, hostError: bridge.error)
  }

  /// From the next run on.
  func countLines(_ counts: LuaLineCounts) {
    unsafe clua_count_lines(engine)
    lineCounts = counts
  }

  private func tellLineCounts() {
    guard let lineCounts else { return }
    var chunk = unsafe clua_next_counted(engine, nil)
    while let found = unsafe chunk {
      var count = 0
      let start = unsafe clua_counted_lines(found, &count)
      let lines = unsafe Array(UnsafeBufferPointer(start: start, count: count))
      lineCounts.add(lines, of: unsafe String(cString: clua_counted_name(found)))
      unsafe chunk = clua_next_counted(engine, found)
    }
    unsafe clua_forget_counts(engine)
  }

  /// What the shim's last entry point answered.
  private func outcome(_ status: Int32) throws(LuaError) -> LuaOutcome {
    var length = 0
    let start = unsafe clua_result(engine, &length)
    var reader = unsafe TapeReader(start, length)
    do {
      return LuaOutcome(status: Int(status), reason: signal.reason, values: try reader.values())
    } catch {
      throw LuaError(code: .internalFailure, message: "the shim's answer can't be read")
    }
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

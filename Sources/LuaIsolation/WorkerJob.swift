internal import CLuaShims
import Glibc
internal import LuaRuntime

/// What a worker is to do, and the frames that tell it.
struct WorkerJob: Sendable {
  enum Task: Sendable {
    case run(LuaChunk, arguments: [LuaValue])
    case check(LuaChunk)
  }

  let limits: LuaLimits
  let modules: [LuaModule]
  let seed: UInt64
  let hasClock: Bool
  let task: Task

  /// Every frame up to the run, in order.
  var frames: [UInt8] {
    var first: UInt32 = 0
    var bytes = setup
    for module in modules {
      bytes += Self.frame(of: module, first: first)
      first += UInt32(module.functions.count)
    }
    return bytes + run
  }

  private var setup: [UInt8] {
    var frame = FrameWriter(CLUA_FRAME_SETUP)
    let raw = limits.raw
    frame.number(UInt32(CLUA_WORKER_VERSION))
    frame.number(getpid())
    for limit in [
      raw.memory, raw.instructions, raw.nanoseconds, raw.host_calls, raw.output, raw.value_depth, raw.value_bytes,
      limits.addressSpace.map(Int64.init) ?? -1, limits.processorSeconds ?? -1,
    ] {
      frame.number(limit)
    }
    frame.flag(hasClock)
    frame.number(seed)
    return frame.finish()
  }

  private static func frame(of module: LuaModule, first: UInt32) -> [UInt8] {
    var frame = FrameWriter(CLUA_FRAME_MODULE)
    frame.flag(module.isGlobal)
    frame.flag(module.prelude != nil)
    frame.text(module.name.utf8)
    frame.text((module.prelude ?? "").utf8)
    frame.number(first)
    frame.number(UInt32(module.functions.count))
    for function in module.functions {
      frame.flag(function.isAsync)
      frame.text(function.name.utf8)
    }
    return frame.finish()
  }

  private var run: [UInt8] {
    var frame = FrameWriter(CLUA_FRAME_RUN)
    switch task {
    case .run(let chunk, let arguments):
      frame.flag(false)
      frame.text(chunk.name.utf8)
      frame.text(chunk.source)
      frame.raw(TapeWriter(arguments).bytes)
    case .check(let chunk):
      frame.flag(true)
      frame.text(chunk.name.utf8)
      frame.text(chunk.source)
    }
    return frame.finish()
  }
}

extension LuaLimits {
  /// Bytes that the worker may hold at most for Lua, by the hard limit of the shim's allocator; also what it may have us
  /// hold.
  var hardMemory: Int { Self.saturating(memory, times: 4, plus: 64 << 20) }

  /// Bytes by which a worker may grow: Lua, the tapes and frames of the largest values (each buffer up to twice as
  /// large as what is in it), and what malloc can't give back. Nil: nobody could have so much.
  var addressSpace: Int? {
    let growth = Self.saturating(valueBytes, times: 8, plus: Self.saturating(hardMemory, times: 1, plus: 64 << 20))
    return growth < 1 << 46 ? growth : nil
  }

  /// Processor time of a worker that no sound one reaches. Time in Lua does not count what a host call costs on the
  /// worker's side, hence twice as much; the deadline counts everything.
  var processorSeconds: Int64? {
    let limits = [luaTime.map { $0.wholeSeconds * 2 + 1 }, deadline.map { $0.wholeSeconds + 1 }]
    return limits.compactMap(\.self).min()
  }

  private static func saturating(_ value: Int, times factor: Int, plus more: Int) -> Int {
    let (product, overflows) = max(0, value).multipliedReportingOverflow(by: factor)
    let (sum, overflowsToo) = product.addingReportingOverflow(more)
    return overflows || overflowsToo ? .max : sum
  }
}

extension Duration {
  /// Rounded up, at most a century.
  fileprivate var wholeSeconds: Int64 {
    let (seconds, attoseconds) = components
    return min(max(0, seconds) + (attoseconds > 0 ? 1 : 0), 3_200_000_000)
  }
}

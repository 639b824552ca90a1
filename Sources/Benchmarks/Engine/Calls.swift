import LuaRuntime

/// Host functions, called in a loop of a script under the limits of the command.
struct Calls {
  let functions: [LuaHostFunction]

  static let answersNothing = LuaHostFunction.sync("call") { _ in [] }

  /// An actor of its own, so that each call hops there and back.
  private actor Counter {
    var count = 0
    func next() -> Int {
      count += 1
      return count
    }
  }

  static var answersLater: LuaHostFunction {
    let counter = Counter()
    return .async("later") { _ in
      _ = await counter.next()
      return []
    }
  }

  /// Reads what `floor_record` reads, and answers the same.
  static let answersRecord = LuaHostFunction.sync("record") { call in
    guard call[0].stringValue != nil, let options = call[1].tableValue, options["env"].stringValue != nil,
      options["remark"].stringValue != nil, options["limit"].integerValue != nil
    else { throw Measurement.Failure(message: "bad arguments") }
    return [
      [
        "api_id": "0f83d8c6ef2c4d41a6b3d2a1c90f0001", "api_name": "pay-create",
        "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "publish_id": "40e7162dc6b94bbbbb1a60d2a24b1b0c",
        "publish_time": "2026-11-20T10:15:02.265228Z", "version_id": "ee1a5a38d3d3493abf1dc4ed6cacfa0b",
        "remark": "weekly release",
      ]
    ]
  }

  func measure(_ function: String, _ count: Int64) async throws -> Measurement {
    try await measure(script: "local call, count = host.\(function), ... for i = 1, count do call() end", count)
  }

  func measureRecord(_ count: Int64) async throws -> Measurement {
    try await measure(
      script: """
        local call, count = host.record, ...
        local options = { env = 'RELEASE', remark = 'weekly release', limit = 20 }
        for i = 1, count do local record = call('pay-create', options) end
        """, count)
  }

  private func measure(script: String, _ count: Int64) async throws -> Measurement {
    let engine = try await LuaEngine.limited(modules: [LuaModule(name: "host", functions: functions)])
    let chunk = LuaChunk(name: "loop.lua", source: script)
    _ = try await engine.run(chunk, arguments: [.integer(max(1, count / 10))])
    let watch = Stopwatch()
    _ = try await engine.run(chunk, arguments: [.integer(count)])
    return Measurement(watch.spent, count: count)
  }
}

extension LuaEngine {
  /// Under every limit that the command sets, far from being reached, and interrupted as it is there.
  static func limited(modules: [LuaModule] = []) async throws(LuaError) -> LuaEngine {
    var limits = LuaLimits()
    limits.memory = 1 << 30
    limits.luaTime = .seconds(600)
    limits.deadline = .seconds(1200)
    limits.hostCalls = .max
    limits.outputBytes = 1 << 30
    limits.interruption = .signal
    return try await LuaEngine(limits: limits, modules: modules) { _ in }
  }
}

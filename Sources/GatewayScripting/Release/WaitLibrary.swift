internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// The host functions that let time pass. A resumed run waits only what is left.
struct WaitLibrary: Sendable {
  let context: ScriptContext

  var functions: [LuaHostFunction] {
    [
      .recorded("wait_for") { call in
        try await wait(CallOptions(call[0], of: .wait))
        return []
      },
      .recorded("begin_watch") { call in [.table(try beginWatch(call[0]))] },
      .recorded("next_round") { call in
        try await nextRound(call[0].tableValue ?? LuaTable())
        return []
      },
    ]
  }

  // MARK: - wait

  private func wait(_ options: CallOptions) async throws {
    try context.beforeGatewayCall()
    let time = try options.duration("time")
    let reason = try options.text("reason")
    guard time != nil || reason == ScriptFunction.propagation else {
      throw CallOptions.usage(
        "'wait' needs 'time'", "write time = \"60s\", or reason = \"propagation\" for what the gateway takes")
    }
    var arguments: [String: Document] = ["reason": reason.map(Document.string) ?? .null]
    arguments["time"] = time.map { .number($0.seconds) }
    let title = ["wait", time?.text, reason].compactMap(\.self).joined(separator: " ")
    _ = try await context.recorder.carryOut(RecordedCall("wait", .object(arguments), title: title)) { begin in
      let left = await left(of: time, since: begin.time)
      if left > .zero {
        context.output.note(.waitBegan(left, reason: reason))
        try await context.surroundings.sleep(left)
      }
      return .number(left.seconds)
    }
  }

  /// A wait without a time is over so long after the run's last change; one with a time, so long after it began.
  private func left(of time: Duration?, since begin: Timestamp) async -> Duration {
    let recorder = context.recorder
    if let time { return recorder.remainder(of: time, since: begin) }
    guard let change = recorder.lastChange else { return .zero }
    return recorder.remainder(of: await context.surroundings.propagation(), since: change)
  }

  // MARK: - wait_until

  private func beginWatch(_ table: LuaValue) throws -> LuaTable {
    try context.beforeGatewayCall()
    let options = try CallOptions(table, of: .waitUntil)
    guard let timeout = try options.duration("timeout") else {
      throw CallOptions.usage("'wait_until' needs 'timeout'", "write timeout = \"5m\"")
    }
    guard timeout > .zero else {
      throw CallOptions.usage("bad option 'timeout' to 'wait_until' (more than 0 expected)", nil)
    }
    let every = try options.duration("every") ?? .seconds(2)
    guard every >= .milliseconds(10) else {
      throw CallOptions.usage("bad option 'every' to 'wait_until' (at least 10ms expected)", nil)
    }
    var watch = LuaTable()
    watch["since"] = .text(try context.recorder.time().text)
    watch["timeout"] = .number(timeout.seconds)
    watch["every"] = .number(every.seconds)
    // A plan takes it for granted that the condition comes to hold.
    watch["is_assumed"] = .boolean(context.mode == .plan)
    return watch
  }

  private func nextRound(_ watch: LuaTable) async throws {
    guard let since = watch["since"].stringValue, let begin = Timestamp(since),
      let timeout = watch["timeout"].numberValue,
      let every = watch["every"].numberValue
    else { throw CallOptions.usage("'wait_until' was called in a wrong way", nil) }
    let arguments: Document = ["since": .string(since), "timeout": .number(timeout), "every": .number(every)]
    _ = try await context.recorder.carryOut(RecordedCall("wait_until", arguments)) { _ in
      let left = context.recorder.remainder(of: .seconds(timeout), since: begin)
      guard left > .zero else {
        throw GatewayError(
          kind: .timeout, message: "'wait_until' waited \(Duration.seconds(timeout).text) in vain",
          hint: "raise 'timeout' if it only needs longer", operation: "wait_until")
      }
      try await context.surroundings.sleep(min(left, .seconds(every)))
      return .null
    }
  }
}

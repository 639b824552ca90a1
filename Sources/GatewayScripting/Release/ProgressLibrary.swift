internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// The host functions that tell where a script is: steps, waves, checks of its own.
struct ProgressLibrary: Sendable {
  let context: ScriptContext

  var functions: [LuaHostFunction] {
    [
      .recorded("mark_step") { call in
        let name = call[0].stringValue ?? ""
        switch call[1].stringValue {
        case "begin": mark("step", "begin", ["name": .string(name)], title: name, .stepBegan(name: name))
        case let end:
          let isGood = end == "end"
          mark(
            "step", isGood ? "end" : "failed", ["name": .string(name)], title: name,
            .stepEnded(name: name, isGood: isGood))
        }
        return []
      },
      .recorded("mark_wave") { call in
        let label = call[1].stringValue ?? ""
        let count = Int(call[2].integerValue ?? 0)
        var facts: [String: Document] = ["label": .string(label), "items": .integer(Int64(count))]
        if call[0] == "begin" {
          let behind = Int(call[3].integerValue ?? 0)
          let total = Int(call[4].integerValue ?? 0)
          facts["total"] = .integer(Int64(total))
          mark(
            "wave", "begin", facts, title: "wave \(label)",
            .waveBegan(label: label, count: count, behind: behind, total: total))
        } else {
          mark("wave", "end", facts, title: "wave \(label)", .waveEnded(label: label, count: count))
        }
        return []
      },
      .recorded("mark_check") { call in
        let name = call[0].stringValue ?? ""
        let isGood = call[1].booleanValue ?? false
        let text = call[2].stringValue ?? (isGood ? "good" : "failed")
        mark(
          "health.check", isGood ? "good" : "failed", ["name": .string(name), "text": .string(text)],
          title: "check \(name)", .healthChecked(name: name, text: text, isGood: isGood))
        guard !isGood else { return [] }
        throw GatewayError(
          kind: .healthCheck, message: "health check '\(name)' failed" + (call[2].isNil ? "" : ": \(text)"),
          hint: call[2].isNil ? "its function returned \(call[3].stringValue ?? "false"); true is good" : nil)
      },
      .recorded("assume_check") { call in
        // A plan takes what the script checks by itself for granted.
        guard context.mode == .plan else { return [false] }
        let call = RecordedCall("health.check", ["name": .string(call[0].stringValue ?? "")])
        _ = try await context.recorder.answer(call, live: { () async in true })
        return [true]
      },
      .recorded("new_id") { _ in
        [LuaValue(try context.recorder.answer(RecordedCall("id")) { .string(Self.uniqueID()) })]
      },
    ]
  }

  /// Writes it down and shows it; in a replay both were done before.
  private func mark(
    _ operation: String, _ state: String, _ facts: [String: Document], title: String, _ event: ScriptEvent
  ) {
    guard !context.recorder.isReplaying else {
      context.output.restore(event)
      return
    }
    var facts = facts
    facts["state"] = .string(state)
    context.recorder.mark(operation, .object(facts), title: title)
    context.output.note(event)
  }

  /// 128 bits of chance, in 32 digits.
  private static func uniqueID() -> String {
    [UInt64.random(in: .min ... .max), .random(in: .min ... .max)].map { part in
      let digits = String(part, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

package import CLuaShims

extension LuaError {
  package static let memory = LuaError(code: .limit, message: "not enough memory", limit: .memory)

  /// What the shim's reason to stop means.
  package init(stop reason: Int, limits: LuaLimits) {
    func limit(_ limit: Limit, _ message: String) -> LuaError {
      LuaError(code: .limit, message: message, limit: limit)
    }
    switch reason {
    case CLUA_STOP_TIME: self = limit(.time, "the time limit of \(limits.luaTime.text) in Lua was reached")
    case CLUA_STOP_DEADLINE: self = limit(.time, "the deadline of \(limits.deadline.text) was reached")
    case CLUA_STOP_MEMORY: self = limit(.memory, "the memory limit of \(limits.memory) bytes was reached")
    case CLUA_STOP_INSTRUCTIONS:
      self = limit(.instructions, "the limit of \(limits.instructions ?? 0) instructions was reached")
    case CLUA_STOP_CALLS: self = limit(.calls, "the limit of \(limits.hostCalls ?? 0) host calls was reached")
    case CLUA_STOP_OUTPUT:
      self = limit(.output, "the limit of \(limits.outputBytes ?? 0) bytes of output was reached")
    case CLUA_STOP_CANCELLED: self = LuaError(code: .cancelled, message: "the run was cancelled")
    default: self = LuaError(code: .internalFailure, message: "the run was stopped without a reason")
    }
  }

  /// A message of Lua's compiler, `release.lua:3: unexpected symbol near 'x'`.
  init(syntax message: String) {
    self.init(code: .syntax, message: message)
    isIncompleteInput = message.hasSuffix("<eof>")
    takeLocationFromMessage()
  }

  /// Moves a leading `release.lua:3: ` to the location.
  mutating func takeLocationFromMessage() {
    var rest = message[...]
    while let colon = rest.firstIndex(of: ":") {
      let digits = rest[rest.index(after: colon)...].prefix { ("0"..."9").contains($0) }
      let after = rest[digits.endIndex...]
      if let line = Int(digits), after.hasPrefix(": ") {
        location = LuaLocation(chunk: String(message[..<colon]), line: line)
        message = String(after.dropFirst(2))
        return
      }
      // Chunk names may hold colons, sentences too; names hold no spaces after them.
      rest = rest[rest.index(after: colon)...]
      if rest.first == " " { return }
    }
  }
}

extension LuaLimits {
  package var raw: clua_limits {
    func limit(_ value: Int?) -> Int64 { value.map { Int64(max(0, $0)) } ?? -1 }
    return clua_limits(
      memory: limit(memory), instructions: limit(instructions), nanoseconds: luaTime.map { $0.nanoseconds } ?? -1,
      host_calls: limit(hostCalls), output: limit(outputBytes),
      is_signalled: interruption == .signal && instructions == nil ? 1 : 0, value_depth: limit(valueDepth),
      value_bytes: limit(valueBytes), fail_allocation: -1, fail_from_there_on: 0)
  }
}

extension Duration {
  /// Saturating.
  fileprivate var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    if seconds > Int64.max / 2_000_000_000 { return .max }
    return max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}

extension Optional where Wrapped == Duration {
  fileprivate var text: String { map { "\($0)" } ?? "none" }
}

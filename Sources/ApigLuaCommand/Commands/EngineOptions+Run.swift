internal import GatewayClient
internal import LuaRuntime

extension EngineOptions {
  /// What a script may use.
  var limits: LuaLimits {
    var limits = LuaLimits()
    if let size = maxMemory { limits.memory = size.bytes }
    if let time = maxCpu { limits.luaTime = time.duration }
    if let deadline { limits.deadline = deadline.duration }
    limits.hostCalls = maxCalls
    limits.interruption = .signal  // the process is ours, and the signal is free
    return limits
  }

  /// The flags that hold for a resumed run too, unless it is given others.
  var kept: [String: String] {
    var kept: [String: String] = [:]
    if !only.isEmpty { kept["only"] = only.joined(separator: ",") }
    if !skip.isEmpty { kept["skip"] = skip.joined(separator: ",") }
    if isolate { kept["isolate"] = "true" }
    if trustUnsigned { kept["trust-unsigned"] = "true" }
    if noJoin { kept["no-join"] = "true" }
    if let concurrency { kept["concurrency"] = String(concurrency) }
    if let rate { kept["rate"] = rate.rate.description }
    if let retries { kept["retries"] = String(retries) }
    if let profile { kept["profile"] = profile }
    // Permissions may hold any character but a line's end.
    if !allow.isEmpty { kept["allow"] = allow.joined(separator: "\n") }
    if !deny.isEmpty { kept["deny"] = deny.joined(separator: "\n") }
    if let timeout { kept["timeout"] = timeout.text }
    if let lockTimeout { kept["lock-timeout"] = lockTimeout.text }
    if let onInterrupt { kept["on-interrupt"] = onInterrupt.rawValue }
    if let maxMemory { kept["max-memory"] = "\(maxMemory.bytes)B" }
    if let maxCpu { kept["max-cpu"] = maxCpu.text }
    return kept
  }
}

internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import RunJournal

extension Settings {
  /// Takes over what an earlier process of the run was told; what this one is told itself goes first. What was denied
  /// then stays denied.
  mutating func adopt(_ record: RunRecord, _ start: RunStart, options: EngineOptions) {
    gatewayName = record.gateway
    environment = record.environment
    if options.concurrency == nil, let text = start.flags["concurrency"] { concurrency = Int(text) ?? concurrency }
    if options.rate == nil, let text = start.flags["rate"] { rate = RequestRate(text) ?? rate }
    if options.retries == nil, let text = start.flags["retries"] { tries = Int(text) ?? tries }
    if options.profile == nil, let name = start.flags["profile"] { profile = (name, "the run") }
    adoptNarrowing(start.flags)
    if start.flags["no-join"] != nil { joinsWrites = false }
    permissions.allowed += Self.permissions(start.flags["allow"])
    permissions.denied += Self.permissions(start.flags["deny"])
    func duration(_ name: String) -> Duration? {
      start.flags[name].flatMap { DurationArgument(argument: $0) }?.duration
    }
    if options.timeout == nil, let time = duration("timeout") { timeout = time }
    if options.lockTimeout == nil, let time = duration("lock-timeout") { lockTimeout = time }
    if options.onInterrupt == nil, let choice = start.flags["on-interrupt"].flatMap({ InterruptChoice(rawValue: $0) }) {
      onInterrupt = choice
    }
  }

  /// The permissions of a flag that was kept.
  static func permissions(_ flag: String?) -> [Permission] {
    (flag ?? "").split(separator: "\n").compactMap { try? Permission(String($0)) }
  }
}

internal import GatewayClient
internal import RunJournal

extension Settings {
  /// Takes over what an earlier process of the run was told; what this one is told itself goes first.
  mutating func adopt(_ record: RunRecord, _ start: RunStart, options: EngineOptions) {
    gatewayName = record.gateway
    environment = record.environment
    if options.concurrency == nil, let text = start.flags["concurrency"] { concurrency = Int(text) ?? concurrency }
    if options.rate == nil, let text = start.flags["rate"] { rate = RequestRate(text) ?? rate }
    if options.retries == nil, let text = start.flags["retries"] { tries = Int(text) ?? tries }
    if options.profile == nil, let name = start.flags["profile"] { profile = (name, "the run") }
    adoptNarrowing(start.flags)
    if start.flags["no-join"] != nil { joinsWrites = false }
  }
}

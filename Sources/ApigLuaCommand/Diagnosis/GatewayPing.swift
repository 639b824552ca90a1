internal import GatewayAPI
internal import GatewayClient

/// What a gateway answers when it is only asked who it is.
struct GatewayPing: Sendable {
  let gateway: String
  let instance: GatewayInstance
  /// How long each answer took, what the rate held back left out.
  let latencies: [Duration]
  /// As whom the gateway was asked.
  let caller: String
  let statistics: ClientStatistics

  /// - Throws: ``ConfigurationError``, ``CredentialError``, ``GatewayError`` as a run does.
  init(_ settings: Settings, count: Int) async throws {
    let opened = try await GatewayOpening(
      settings: settings, instruments: try RunInstruments(settings), onClientEvent: { _ in }
    ).open(settings.gatewayName)
    let result: Result<(GatewayInstance, [Duration]), any Error>
    do { result = .success(try await Self.ask(opened.client, count)) } catch { result = .failure(error) }
    statistics = opened.client.statistics
    await opened.close()
    (instance, latencies) = try result.get()
    gateway = settings.gatewayName
    if opened.isLocal {
      caller = "the local gateway's own credential"
    } else {
      caller = try await CredentialReport(settings).facts.first.map { "\($0.value), from \($0.origin)" } ?? ""
    }
  }

  private static func ask(_ client: GatewayClient, _ count: Int) async throws -> (GatewayInstance, [Duration]) {
    var latencies: [Duration] = []
    while true {
      let (began, waited) = (ContinuousClock.now, client.statistics.waitedForLimit)
      let instance = try await client.perform(GetGateway())
      latencies.append(ContinuousClock.now - began - (client.statistics.waitedForLimit - waited))
      if latencies.count == count { return (instance, latencies) }
    }
  }

  private var limit: String? { statistics.limit.map { "\($0)" } }

  private var facts: [(name: String, value: String)] {
    [
      ("gateway", gateway), ("instance", [instance.name, instance.id].compactMap(\.self).joined(separator: "  ")),
      ("status", instance.document["status"]?.stringValue ?? ""), ("as", caller),
      ("answers", latencies.map(Self.milliseconds).joined(separator: ", ") + " ms"),
      ("limit", limit ?? "none known"),
    ]
  }

  var text: String {
    facts.map { "\($0.name.padding(to: 10))\($0.value.withoutControlCharacters)\n" }.joined()
  }

  var result: CommandResult {
    let times = latencies.map { Document.number(($0 / .microseconds(1)).rounded() / 1000) }
    return CommandResult(
      event: "ping",
      document: [
        "schema": 1, "gateway": .string(gateway), "instance": instance.document, "caller": .string(caller),
        "milliseconds": .array(times), "limit": limit.map(Document.string) ?? .null,
        "retries": .integer(Int64(statistics.retries)), "throttled": .integer(Int64(statistics.throttled)),
      ],
      table: DataTable(columns: ["what", "value"], rows: facts.map { [$0.name, $0.value] }))
  }

  private static func milliseconds(_ latency: Duration) -> String {
    let tenths = Int((latency / .microseconds(100)).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}

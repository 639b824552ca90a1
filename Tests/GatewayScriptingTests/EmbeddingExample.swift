// This file is what the guide's article Embedding and the page of GatewayAPI show; a test compares them with it.

import GatewayAPI
import GatewayClient
import GatewayScripting
import GatewaySigning
import LocalGateway
import LuaRuntime
import ReleaseEngine
import RunJournal
import SQLiteJournal

/// Where a playbook's words go.
struct StandardOutput: ScriptOutput {
  func print(_ text: LuaString) { Swift.print(text.description, terminator: "") }
  func log(_ level: ScriptLogLevel, _ message: String) { Swift.print("\(level.rawValue): \(message)") }
  func report(_ table: ReportTable) {
    for row in [table.columns] + table.rows { Swift.print(row.joined(separator: "\t")) }
  }
  func report(markdown text: String) { Swift.print(text) }
  func report(value: Document) { Swift.print(value.jsonText) }
}

/// Runs a playbook on one gateway: all of it, or nothing.
///
/// - Parameter journal: of this program alone; where the next process finds what this one leaves unfinished.
/// - Returns: what the playbook returns, and what it changed.
func release(
  _ playbook: LuaChunk, _ parameters: [(name: String, value: String)], on gateway: GatewayClientConfiguration,
  journal: SQLiteJournal
) async throws -> (value: Document, changes: [APIChange]) {
  var generator = SystemRandomNumberGenerator()
  let began = Timestamp.now()
  let id = RunID(seconds: began.seconds, using: &generator)
  var record = RunRecord(
    id: id.description, startedAt: began, user: "deploy@web-1", host: "web-1", process: .current,
    command: playbook.name, gateway: gateway.gatewayName)
  let recorder = RunRecorder(store: { journal }, run: record)

  let locks = EnvironmentLocks(
    store: { journal }, recorder: recorder, run: record,
    gatewayID: "\(gateway.endpoint)/\(gateway.address.instanceID)", gatewayName: gateway.gatewayName)
  var configuration = ReleaseRun.Configuration()
  configuration.gatewayName = gateway.gatewayName
  configuration.markedAs = id
  configuration.locks = locks
  configuration.beforeChange = { change, names in
    guard let environment = change.environmentID, try await names.environmentName(id: environment) == "TEST" else {
      throw GatewayError(kind: .refused, message: "this program changes TEST alone")
    }
  }

  let client = try GatewayClient(configuration: gateway)
  let run = ReleaseRun(gateway: client, configuration: configuration, recorder: recorder)
  let context = ScriptContext(
    facts: RunFacts(id: record.id, user: record.user, startedAt: began.text, gateway: gateway.gatewayName),
    parameters: ParameterValues(named: parameters), output: StandardOutput(), recorder: recorder,
    scopes: configuration.scopes, undo: { try await run.undo($0) }
  ) { name in
    guard name == nil || name == gateway.gatewayName else {
      throw GatewayError(kind: .usage, message: "there is no gateway '\(name ?? "")' here")
    }
    return run
  }

  let result: Result<Document, any Error>
  do {
    let value = try await ScriptRunner().run(playbook, in: context)
    try await recorder.flush()
    record.state = .finished
    result = .success(value)
  } catch {
    // What became of each API is in the run's changes; one that could not be put back is there as undoFailed.
    let undone = try? await run.undo(.wholeRun)
    record.state = undone?.isComplete == true ? .rolledBack : .stopped
    result = .failure(error)
  }
  let changes = await run.changes.apis
  record.endedAt = .now()
  if await recorder.isKept { try? await journal.update(record) }
  await locks.release(settled: record.state != .stopped)
  await client.shutdown()
  return (try result.get(), changes)
}

/// Publishes one API, without Lua.
func publish(_ api: String, to environment: String, on run: ReleaseRun) async throws -> Publication {
  let apiID = try await run.names.id(of: .api, named: api)
  let environmentID = try await run.names.id(of: .environment, named: environment)
  return try await run.perform(Publish(apiID: apiID, environmentID: environmentID, remark: "hotfix 812"))
}

/// Runs the body with a gateway that nobody else has.
func withTestGateway<Value: Sendable>(
  _ body: @escaping @Sendable (GatewayClientConfiguration) async throws -> Value
) async throws -> Value {
  try await withLocalGateway(LocalGatewayConfiguration(storage: .memory)) { url in
    try await body(
      GatewayClientConfiguration(
        endpoint: url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "local"),
        credentials: GatewayAuthentication.accessKey(LocalGatewayConfiguration.demoCredential), gatewayName: "test"))
  }
}

/// Which version an environment runs.
func effectiveVersion(of apiID: String, in environmentID: String, on gateway: any Gateway) async throws -> APIVersion? {
  try await gateway.all(History(apiID: apiID, environmentID: environmentID)).items.first { $0.isEffective }
}

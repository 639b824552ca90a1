import GatewayAPI
import GatewayClient
import GatewayScripting
import LuaRuntime
import ReleaseEngine
import Synchronization

/// A script tried on an overlay of the harness's gateway.
struct PlannedScript: Sendable {
  let gateway: PlanningGateway
  let rehearsal: Rehearsal
  let result: Result<Document, any Error>

  var value: Document? { try? result.get() }
  var end: CannotKnowUntilApply? {
    guard case .failure(let error) = result else { return nil }
    return error as? CannotKnowUntilApply
  }

  func verdicts() async -> [APIVerdict] { await gateway.verdicts(endedBy: end) }
}

extension ScriptHarness {
  func plan(
    _ script: String, assuming words: [String] = [], environment: String? = nil
  ) async throws -> PlannedScript {
    let rehearsal = Rehearsal(try Assumptions(words))
    let planning = PlanningGateway(live: client) { rehearsal.failure(ofChange: $0, name: $1) }
    var configuration = ReleaseRun.Configuration()
    configuration.maximumVersionReads = .max
    let scopes = UndoScopes()
    configuration.scopes = scopes
    let recorder = RunRecorder(standIn: { try rehearsal.answer(to: $0) })
    var surroundings = surroundings
    let url = url
    surroundings.dataPlane = { url }
    let run = ReleaseRun(gateway: planning, configuration: configuration, recorder: recorder)
    let context = ScriptContext(
      mode: .plan,
      facts: RunFacts(
        id: "r-plan", user: "tester", startedAt: "2026-11-20T10:00:00Z", gateway: "local", environment: environment),
      output: output, recorder: recorder,
      plannedIDs: planning.plannedIDs, surroundings: surroundings, scopes: scopes, undo: { try await run.undo($0) }
    ) { _ in run }
    let result: Result<Document, any Error>
    do {
      result = .success(
        try await ScriptRunner().run(LuaChunk(name: "plan.lua", source: Array(script.utf8)), in: context))
    } catch { result = .failure(error) }
    return PlannedScript(gateway: planning, rehearsal: rehearsal, result: result)
  }

  /// Runs a script on the gateway itself, keeping each change as it is made.
  func carryOut(
    _ script: String, configuration: ReleaseRun.Configuration = ReleaseRun.Configuration(),
    noting note: @escaping @Sendable (APIChange) -> Void = { _ in }
  ) async -> (run: ReleaseRun, result: Result<Document, any Error>) {
    var configuration = configuration
    let scopes = UndoScopes()
    configuration.scopes = scopes
    let recorder = RunRecorder()
    let run = ReleaseRun(gateway: client, configuration: configuration, recorder: recorder) { event in
      if case .didChange(let change, _) = event { note(change) }
    }
    let context = ScriptContext(
      facts: RunFacts(id: "r-test", user: "tester", startedAt: "2026-11-20T10:00:00Z", gateway: "local"),
      output: output, recorder: recorder, scopes: scopes, undo: { try await run.undo($0) }
    ) { _ in run }
    do {
      let value = try await ScriptRunner().run(LuaChunk(name: "plan.lua", source: Array(script.utf8)), in: context)
      return (run, .success(value))
    } catch { return (run, .failure(error)) }
  }

  /// What every environment runs, asked of the gateway itself: version IDs by API and environment.
  func effectiveVersions() async throws -> [[String]: String] {
    var versions: [[String]: String] = [:]
    for api in try await client.all(ListAPIs()).items {
      guard let id = api.id else { continue }
      for version in try await client.all(History(apiID: id)).items where version.isEffective {
        versions[[id, version.environmentID ?? ""]] = version.versionID
      }
    }
    return versions
  }

  func apiID(_ name: String) async throws -> String {
    var list = ListAPIs()
    list.name = name
    list.preciseSearch = "name"
    return try await client.all(list).items.first?.id ?? ""
  }

  func edit(_ apiID: String, remark: String) async throws {
    var get = GetAPI()
    get.apiID = apiID
    var definition = try await client.perform(get).document.objectValue ?? [:]
    definition["remark"] = .string(remark)
    var update = UpdateAPI()
    update.apiID = apiID
    update.definition = .object(definition)
    _ = try await client.perform(update)
  }
}

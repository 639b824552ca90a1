internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal
internal import SQLiteJournal

/// Everything that is looked at before a plan is carried out.
struct PlanApplication: Sendable {
  /// Why a plan is not carried out.
  struct Stale: Error, Sendable {
    let plan: ReleasePlan
    /// What moved, one sentence each.
    let findings: [String]
  }

  /// What is to be run.
  struct Ready: Sendable {
    let start: RunStart
    let modules: LuaModuleFolder?
  }

  let plan: ReleasePlan
  let settings: Settings
  let instruments: RunInstruments
  /// What the command line gives beside the plan.
  let given: ParameterValues
  let gatewayOption: String?
  let environmentOption: String?
  let flags: [String: String]

  /// - Throws: ``Stale``; ``GatewayError`` of kind `stale` when it was used; what keeps the gateway from being asked.
  func prepared() async throws -> Ready {
    if let run = try await JournalFile.openExisting(settings.variables)?.userOfPlan(plan.useKey) {
      throw plan.usedError(by: run)
    }
    var findings: [String] = []
    if let gatewayOption, gatewayOption != plan.gateway.name {
      findings.append("the plan is for the gateway \(plan.gateway.name), not \(gatewayOption)")
    }
    if let environmentOption, environmentOption != plan.environment {
      findings.append(
        "the plan was made \(plan.environment.map { "with --env \($0)" } ?? "without --env"), not with "
          + environmentOption)
    }
    let (chunk, modules) = try source(&findings)
    let parameters = try await parameters(chunk, modules, &findings)
    if findings.isEmpty { findings = try await gatewayFindings() }
    guard findings.isEmpty else { throw Stale(plan: plan, findings: findings) }
    let start = RunStart(
      chunk: chunk, path: plan.script.path, parameters: parameters, seed: plan.seed, flags: flags,
      startedAt: plan.createdAt, plan: plan,
      secrets: SecretParameters(
        values: Dictionary(
          parameters.named.filter { plan.secretDigests[$0.name] != nil }.map { ($0.name, $0.value) },
          uniquingKeysWith: { _, last in last })))
    return Ready(start: start, modules: modules)
  }

  // MARK: - The script

  private func source(_ findings: inout [String]) throws -> (LuaChunk, LuaModuleFolder?) {
    guard let path = plan.script.path else {
      return (LuaChunk(name: plan.script.name, source: Array((plan.script.text ?? "").utf8)), nil)
    }
    let file = ScriptSource.file(path)
    let source: [UInt8]
    do {
      source = try file.chunk().source
    } catch let error as UsageError {
      throw Stale(plan: plan, findings: ["the script cannot be read any more: \(error.message)"])
    }
    if ContentDigest.hex(source) != plan.script.digest { findings.append("the script \(path) was changed") }
    for module in plan.modules {
      let now = try? file.moduleFolder?.source(of: module.name)?.source
      if now.map({ ContentDigest.hex($0) }) != module.digest {
        findings.append("the module '\(module.name)' was \(now == nil ? "removed" : "changed")")
      }
    }
    return (LuaChunk(name: plan.script.name, source: source), file.moduleFolder)
  }

  /// Those of the plan; what is given beside them must be the same, and secrets must be given again.
  private func parameters(
    _ chunk: LuaChunk, _ modules: LuaModuleFolder?, _ findings: inout [String]
  ) async throws -> ParameterValues {
    var values = plan.parameters
    if !given.arguments.isEmpty || !given.named.isEmpty {
      let texts = try await description(chunk, modules).texts(of: given)
      for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
        if let digest = plan.secretDigests[name] {
          if ContentDigest.salted(text, with: plan.id) != digest {
            findings.append("the parameter '\(name)' is another one")
          }
          values[name] = text
        } else if plan.parameters[name] != text {
          findings.append(
            "the parameter '\(name)' is '\(text)', the plan was made "
              + (plan.parameters[name].map { "with '\($0)'" } ?? "without it"))
        }
      }
    }
    for name in plan.secretDigests.keys.sorted() where values[name] == nil {
      throw UsageError(
        message: "the plan needs the secret parameter '\(name)', which it does not keep",
        hint: "apig-lua apply -p \(name)=… PLAN")
    }
    return ParameterValues(
      arguments: plan.arguments, named: values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) })
  }

  private func description(_ chunk: LuaChunk, _ modules: LuaModuleFolder?) async throws -> PlaybookDescription {
    let chunks = LoadedChunks(chunk)
    let context = ScriptContext(
      mode: .describe,
      facts: RunFacts(
        id: plan.id, user: plan.createdBy, startedAt: plan.createdAt, gateway: plan.gateway.name,
        environment: plan.environment),
      output: SilentOutput(), run: { _ in throw CancellationError() })
    return try await ScriptRunner(moduleSource: PlanSources(chunks: chunks, folder: modules).moduleSource)
      .describe(chunk, in: context)
  }

  // MARK: - The gateway

  private func gatewayFindings() async throws -> [String] {
    let opened = try await GatewayOpening(settings: settings, instruments: instruments, onClientEvent: { _ in })
      .open(plan.gateway.name)
    let findings: Result<[String], any Error>
    if opened.identity == plan.gateway.identity {
      do {
        findings = .success(try await PlanCheck(plan, on: opened.client).findings())
      } catch { findings = .failure(error) }
    } else {
      findings = .success([
        "the gateway \(plan.gateway.name) is now \(opened.identity), it was \(plan.gateway.identity)"
      ])
    }
    await opened.close()
    return try findings.get()
  }
}

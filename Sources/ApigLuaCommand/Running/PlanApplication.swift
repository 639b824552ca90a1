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
    let source: ScriptSource
  }

  let plan: ReleasePlan
  let configuration: SessionConfiguration
  /// What the command line gives beside the plan.
  let given: ParameterValues
  let gatewayOption: String?
  let environmentOption: String?
  let flags: [String: String]

  private var settings: Settings { configuration.settings }

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
    let (chunk, source) = try await source(&findings)
    let parameters = try await parameters(chunk, source, &findings)
    if findings.isEmpty { findings = try await gatewayFindings() }
    guard findings.isEmpty else { throw Stale(plan: plan, findings: findings) }
    let start = RunStart(
      chunk: chunk, path: source.entryPointName == nil ? plan.script.path : nil, entryPoint: source.entryPointName,
      parameters: parameters, seed: plan.seed, flags: flags,
      startedAt: plan.createdAt, plan: plan,
      secrets: SecretParameters(
        values: Dictionary(
          parameters.named.filter { plan.secretDigests[$0.name] != nil }.map { ($0.name, $0.value) },
          uniquingKeysWith: { _, last in last })))
    return Ready(start: start, source: source)
  }

  // MARK: - The script

  private func source(_ findings: inout [String]) async throws -> (LuaChunk, ScriptSource) {
    let packages = configuration.packages
    var source = ScriptSource.embedded(
      LuaChunk(name: plan.script.name, source: Array((plan.script.text ?? "").utf8)))
    if let path = plan.script.path {
      do {
        source = try await ScriptSource.file(path).resolved(in: packages)
        guard path.hasPrefix("/") || source.package != nil else {
          throw Stale(plan: plan, findings: ["\(path) is not among the locked packages any more"])
        }
        if ContentDigest.hex(try source.chunk().source) != plan.script.digest {
          findings.append("the script \(path) was changed")
        }
      } catch let error as UsageError {
        throw Stale(plan: plan, findings: ["the script cannot be read any more: \(error.message)"])
      }
    }
    for module in plan.modules where plan.script.path != nil || module.isPackage {
      if module.isPackage {
        do {
          guard try await packages.package(module.name).digest != module.digest else { continue }
          findings.append("the package '\(module.name)' was changed")
        } catch let error as GatewayError {
          findings.append("the package '\(module.name)' cannot be used: \(error.message)")
        }
        continue
      }
      let now = (try? source.moduleFolder?.source(of: module.name)?.source).map { ContentDigest.hex($0) }
      if now != module.digest {
        findings.append("the module '\(module.name)' was \(now == nil ? "removed" : "changed")")
      }
    }
    return (LuaChunk(name: plan.script.name, source: try source.chunk().source), source)
  }

  /// Those of the plan; what is given beside them must be the same, and secrets must be given again.
  private func parameters(
    _ chunk: LuaChunk, _ source: ScriptSource, _ findings: inout [String]
  ) async throws -> ParameterValues {
    var values = plan.parameters
    if !given.arguments.isEmpty || !given.named.isEmpty {
      let texts = try await description(chunk, source).texts(of: given)
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

  private func description(_ chunk: LuaChunk, _ source: ScriptSource) async throws -> PlaybookDescription {
    let context = ScriptContext(
      mode: .describe,
      facts: RunFacts(
        id: plan.id, user: plan.createdBy, startedAt: plan.createdAt, gateway: plan.gateway.name,
        environment: plan.environment),
      output: SilentOutput(), run: { _ in throw CancellationError() })
    return try await configuration.describer(of: source, chunk).describe(chunk, in: context)
  }

  // MARK: - The gateway

  private func gatewayFindings() async throws -> [String] {
    let opened = try await GatewayOpening(
      settings: settings, instruments: configuration.instruments, onClientEvent: { _ in }
    )
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

extension ReleasePlan.Source {
  /// Whether it is a package: modules have no slash in their names.
  fileprivate var isPackage: Bool { name.contains("/") }
}

internal import ArgumentParser
internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// `apig-lua apply PLAN`: carries out a saved plan, and nothing else.
struct ApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Carries out a saved plan, once; refuses it when something has moved since.",
    usage: "apig-lua apply [options] PLAN")

  @OptionGroup var flags: EngineFlags

  @Option(
    name: [.customShort("p"), .customLong("param")],
    help: ArgumentHelp("A secret parameter, which the plan does not keep.", valueName: "name=value"))
  var parameters: [String] = []

  @Argument(help: ArgumentHelp("The file that apig-lua plan --out wrote.", valueName: "plan"), completion: .file())
  var file: String

  @Argument(parsing: .captureForPassthrough, help: .hidden)
  var words: [String] = []

  func run() async throws {
    try await reporting(flags.options, isRun: true) { settings, style in
      var settings = settings
      let process = ProcessFacts.current
      let plan = try PlanFile(path: file).read()
      if let obstacle = plan.obstacle {
        throw UsageError(
          message: "\(file) cannot be applied: \(obstacle)", hint: "plan again: apig-lua plan … --out FILE")
      }
      settings.gatewayName = plan.gateway.name
      settings.environment = plan.environment
      let configuration = SessionConfiguration(
        settings: settings, instruments: try RunInstruments(settings), style: style, process: process,
        limits: flags.options.limits, isIsolated: flags.options.isolate || plan.isIsolated)
      var kept = settings.keptFlags(flags.options)
      if plan.isIsolated { kept["isolate"] = "true" }
      let application = PlanApplication(
        plan: plan, configuration: configuration,
        given: ParameterValues(arguments: words, named: try namedParameters(parameters)),
        gatewayOption: flags.options.gateway,
        environmentOption: flags.options.env, flags: kept)
      let ready: PlanApplication.Ready
      do {
        ready = try await application.prepared()
      } catch let stale as PlanApplication.Stale {
        try report(stale, style)
        return .stale
      }
      let session = ScriptSession(
        configuration: configuration, start: ready.start, modules: ready.source.moduleFolder,
        package: ready.source.package)
      return await session.run()
    }
  }

  private func report(_ stale: PlanApplication.Stale, _ style: Style) throws {
    var text = "\(style.bad) plan \(stale.plan.id) is stale: nothing was sent\n"
    for finding in stale.findings { text += "  \(finding.withoutControlCharacters)\n" }
    text += "  made \(stale.plan.createdAt) by \(stale.plan.createdBy); plan again: apig-lua plan … --out \(file)\n"
    StandardStream.error.write(text)
    let format = try Settings.output(flags.options, ProcessFacts.current.variables)
    guard format != .table else { return }
    let document: Document = [
      "schema": 1, "outcome": "stale", "exit": .integer(Int64(ExitStatus.stale.rawValue)),
      "plan": .string(stale.plan.id), "findings": .array(stale.findings.map(Document.string)),
    ]
    let table = DataTable(columns: ["finding"], rows: stale.findings.map { [$0] })
    let result = CommandResult(event: "result", document: document, table: table)
    StandardStream.output.write(try result.text(format))
  }
}

internal import ArgumentParser
internal import GatewayAPI
internal import ScriptAnalysis

/// `apig-lua check`: mistakes in scripts, found without running them.
struct CheckCommand: AsyncParsableCommand {
  enum Format: String, ChoiceArgument {
    case table, json, github
  }

  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Finds mistakes in scripts without running them; ends with 1 when there are errors.",
    discussion: """
      Syntax, names that are not there or not used, wrong calls of apig, parameters,
      permissions that apig.yaml does not grant.
      Folders are searched for *.lua; - is standard input; OWNER/NAME is a locked package's entry point.
      No gateway is asked.
      """)

  @Option(help: ArgumentHelp("How findings are written: table, json, or github (annotations).", valueName: "format"))
  var output: Format?

  @Flag(help: "Warnings count as errors.")
  var strict = false

  @Option(
    help: ArgumentHelp("Gateway that the scripts are meant for: its own address needs no grant.", valueName: "name"))
  var gateway: String?

  @Option(help: ArgumentHelp("Takes it as granted: http:https://HOST. May be repeated.", valueName: "permission"))
  var allow: [String] = []

  @Option(help: ArgumentHelp("Takes it as denied: publish:ENV. May be repeated.", valueName: "permission"))
  var deny: [String] = []

  @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
  var color: ColorChoice?

  @Flag(name: .shortAndLong, help: "Findings only.")
  var quiet = false

  @Argument(
    help: "Scripts, folders of scripts, entry points of packages, or - for standard input.",
    completion: .file(extensions: ["lua"]))
  var paths: [String]

  func run() async throws {
    var engine = EngineOptions()
    (engine.gateway, engine.allow, engine.deny, engine.color) = (gateway, allow, deny, color)
    try await reporting(engine) { settings, _ in
      let checker = try await ScriptChecker(
        ScriptChecker.Surroundings(permissions: settings.permissions, isOwn: settings.isOwnGateway))
      let folder = ProcessFacts.current.folder
      let packages = LockedPackages(settings: settings, folder: folder)
      var entryPoints: [String: ScriptSource] = [:]
      for path in paths {
        let source = try await ScriptSource.file(path).resolved(in: packages)
        if source.package != nil { entryPoints[path] = source }
      }
      let scripts = try CheckedScript.all(in: paths, entryPoints)
      var report = CheckReport()
      for script in scripts {
        let places = ScriptPlaces(scriptFolder: script.folder, settings: settings, folder: folder)
        report.add(try await findings(in: script, checker, packages, places), of: script)
      }
      write(report, settings)
      return report.errorCount > 0 || strict && report.warningCount > 0 ? .scriptFailed : .ok
    }
  }

  private func findings(
    in script: CheckedScript, _ checker: ScriptChecker, _ packages: LockedPackages, _ places: ScriptPlaces
  ) async throws -> [ScriptFinding] {
    switch script.content {
    case .success(let chunk):
      try await checker.findings(
        in: chunk, modules: packages.knowing(script.modules), isBesideTests: script.isBesideTests,
        grantForFile: { places.grant(for: $0) })
    case .failure(let error): [ScriptFinding(.error, rule: "unreadable", message: error.message)]
    }
  }

  private func write(_ report: CheckReport, _ settings: Settings) {
    switch output ?? (settings.output == .json ? .json : .table) {
    case .json: StandardStream.output.write(report.document.jsonText + "\n")
    case .github: StandardStream.output.write(report.annotations)
    case .table:
      StandardStream.output.write(
        report.text(style: Style(settings.color, variables: settings.variables, stream: .output)))
      guard report.isClean, !quiet else { return }
      let style = Style(settings.color, variables: settings.variables, stream: .error)
      StandardStream.error.write(
        "\(style.good) nothing found in \(report.fileCount) file\(report.fileCount == 1 ? "" : "s")\n")
    }
  }
}

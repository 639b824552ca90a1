internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// What a script is run or planned with, whichever of the two it is.
struct SessionConfiguration: Sendable {
  let settings: Settings
  var instruments: RunInstruments
  let style: Style
  let process: ProcessFacts
  let limits: LuaLimits
  let isIsolated: Bool
  /// Those that scripts may use, by the locks of the project and of the user who types.
  let packages: LockedPackages

  /// - Parameter packages: where some were looked at already.
  init(
    settings: Settings, instruments: RunInstruments, style: Style, process: ProcessFacts, limits: LuaLimits,
    isIsolated: Bool, packages: LockedPackages? = nil
  ) {
    self.settings = settings
    self.instruments = instruments
    self.style = style
    self.process = process
    self.limits = limits
    self.isIsolated = isIsolated
    self.packages =
      packages ?? LockedPackages(settings: settings, variables: process.variables, folder: process.folder)
  }

  /// What a script is told of its run.
  ///
  /// - Parameter startedAt: RFC 3339; relative times of the script refer to it.
  func facts(id: String, startedAt: String) -> RunFacts {
    var facts = RunFacts(
      id: id, user: process.user, startedAt: startedAt, gateway: settings.gatewayName,
      environment: settings.environment)
    facts.narrowing = settings.narrowing
    return facts
  }

  /// - Parameters:
  ///   - script: its name, for questions.
  ///   - modules: the folder that it lies in; nil for one that is no file.
  ///   - isPlan: whether what is reviewed is carried out another time, if at all.
  ///   - isRehearsal: whether nobody may be asked.
  func approvals(
    _ recorder: RunRecorder, script: String, in modules: LuaModuleFolder?, isPlan: Bool = false,
    isRehearsal: Bool = false
  ) -> Approvals {
    Approvals(
      settings: settings, recorder: recorder, script: script, folder: process.folder,
      places: ScriptPlaces(scriptFolder: modules?.path, settings: settings, folder: process.folder), isPlan: isPlan,
      isRehearsal: isRehearsal, keepGrant: packages.keepGrant)
  }

  /// - Parameters:
  ///   - modules: finds what a script requires beside it.
  ///   - package: the one whose entry point the script is; its modules are found in the package.
  ///   - chunks: keeps the modules of packages.
  ///   - onUse: hears of each package that is used.
  func runner(
    _ modules: LuaModuleSource?, as package: ScriptPackage? = nil, chunks: LoadedChunks,
    onUse: @escaping @Sendable (ScriptPackage) -> Void = { _ in }
  ) -> ScriptRunner {
    var runner = ScriptRunner(
      limits: limits, isIsolated: isIsolated || package?.isIsolated ?? false,
      moduleSource: package?.remembered(by: chunks).modules ?? modules)
    runner.packages = WatchedPackages(packages: packages, chunks: chunks, onUse: onUse)
    runner.ownPackage = package?.name
    return runner
  }

  /// What a playbook says of itself; it runs up to where it has declared its parameters.
  ///
  /// - Throws: ``LuaError`` when it fails before.
  func description(of chunk: LuaChunk, runner: ScriptRunner) async throws -> PlaybookDescription {
    let context = ScriptContext(
      mode: .describe, facts: facts(id: "r-0000000000", startedAt: Timestamp.now().text), output: SilentOutput(),
      run: { _ in throw CancellationError() })
    return try await runner.describe(chunk, in: context)
  }

  /// The playbook's own help.
  ///
  /// - Throws: ``LuaError`` when the script fails before it declares its parameters.
  func help(_ source: ScriptSource, _ chunk: LuaChunk) async throws -> String {
    let description = try await description(of: chunk, runner: describer(of: source, chunk))
    return ParameterHelp(script: source.name, description: description).text
  }

  /// What runs a script as far as its declarations.
  func describer(of source: ScriptSource, _ chunk: LuaChunk) -> ScriptRunner {
    let chunks = LoadedChunks(chunk)
    let sources = PlanSources(chunks: chunks, folder: source.moduleFolder)
    return runner(sources.moduleSource, as: source.package, chunks: chunks)
  }
}

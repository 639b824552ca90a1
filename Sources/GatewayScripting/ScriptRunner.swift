public import GatewayAPI
internal import LuaIsolation
public import LuaRuntime

/// Runs one script: an engine of its own, the module `apig`, and the script's value at the end.
public struct ScriptRunner: Sendable {
  public var limits: LuaLimits
  /// Whether the script runs in a process of its own; the program's `main` must then begin with
  /// `LuaWorker.runIfAsked()`.
  public var isIsolated: Bool
  /// Where `require` finds modules beside `apig`; nil for nowhere.
  public var moduleSource: LuaModuleSource?
  /// Where `require` finds what runs in a state of its own; nil for nowhere.
  public var packages: (any ScriptPackages)?
  /// The package whose entry point the script is; nil for a script of its own. Its state is the package's own.
  public var ownPackage: String?
  /// What scripts find beside `apig`, made after it.
  public var modules: [LuaModule] = []
  /// Hears how often each line ran; of runs in a process of their own it hears nothing.
  public var lineCounts: LuaLineCounts?

  public init(limits: LuaLimits = LuaLimits(), isIsolated: Bool = false, moduleSource: LuaModuleSource? = nil) {
    self.limits = limits
    self.isIsolated = isIsolated
    self.moduleSource = moduleSource
  }

  /// Runs a chunk to its end.
  ///
  /// - Parameters:
  ///   - chunk: the script.
  ///   - arguments: what the chunk gets as `...`.
  /// - Returns: what it returns: nothing is `.null`, several values are an array.
  /// - Throws: `LuaError` for the script's own failure, with the host's error as its `underlying`; ``ScriptExit``;
  ///   ``ParameterError``; `CancellationError`.
  public func run(
    _ chunk: LuaChunk, in context: ScriptContext, arguments: [String] = []
  ) async throws -> Document {
    let unreadLists = UnreadLists()
    var results = try await withEngine(for: context, unreadLists) { engine in
      try await engine.run(chunk, arguments: arguments.map(LuaValue.text))
    }
    for index in results.indices {
      results[index] = context.plannedValues.entering(try await unreadLists.completing(results[index]))
    }
    do throws(NoJSONForm) {
      var documents: [Document] = []
      for (index, result) in results.enumerated() {
        documents.append(try Document(result, path: "return value \(index + 1)"))
      }
      return documents.count > 1 ? .array(documents) : documents.first ?? .null
    } catch {
      throw LuaError(
        code: .invalidValue, message: "the script returns what cannot be shown: \(error.path) is \(error.reason)")
    }
  }

  /// What a playbook says of itself, found by running it up to its parameters; no gateway is asked.
  public func describe(_ chunk: LuaChunk, in context: ScriptContext) async throws -> PlaybookDescription {
    let facts = PlaybookFacts()
    do {
      _ = try await withEngine(for: context, UnreadLists(), facts: facts) { try await $0.run(chunk) }
      return await facts.description(parameters: [])
    } catch let end as DescriptionEnded {
      return await facts.description(parameters: end.parameters ?? [], isCutOff: end.parameters == nil)
    } catch is ScriptExit {
      return await facts.description(parameters: [])
    }
  }

  /// The module `apig`.
  ///
  /// - Parameter asked: what the states of the run do; nil for a run without packages.
  func module(
    for context: ScriptContext, _ unreadLists: UnreadLists, facts: PlaybookFacts = PlaybookFacts(),
    among asked: AskedBranches? = nil
  ) -> LuaModule {
    let functions =
      GatewayLibrary(context: context, unreadLists: unreadLists).functions + PlaybookLibrary(context: context).functions
      + OutputLibrary(output: context.output).functions + ComparisonLibrary(recorder: context.recorder).functions
      + ReleaseLibrary(context: context).functions
      + [facts.function]
    // Whatever a function does is done for whoever's code this is.
    return LuaModule(
      name: "apig",
      functions: functions.map { function in
        function.binding(Principal.$current, to: context.principal).binding(AskedBranches.$current, to: asked)
      },
      prelude: Prelude.text)
  }

  /// Makes the script's engine, and those of the packages that it requires; all end with `body`.
  private func withEngine<Value: Sendable>(
    for context: ScriptContext, _ unreadLists: UnreadLists, facts: PlaybookFacts = PlaybookFacts(),
    _ body: (any LuaRunner) async throws -> Value
  ) async throws -> Value {
    let library = packages?.areNone == true ? nil : packageLibrary(for: context)
    let result: Result<Value, any Error>
    do {
      let engine = try await engine(
        modules(for: context, unreadLists, facts: facts, with: library) + modules, moduleSource, of: context,
        LuaClock(recording: context.recorder), isIsolated: isIsolated, lineCounts)
      result = .success(try await body(engine))
    } catch { result = .failure(error) }
    await library?.states.close()
    return try result.get()
  }

  /// What joins the script's state to those of packages; nil where there are none. Its states are closed by who has it.
  func packageLibrary(for context: ScriptContext) -> PackageLibrary? {
    guard let packages else { return nil }
    let script = ownPackage ?? PackageStates.script
    let states = PackageStates(packages, script: script, memory: limits.memory) { package, states in
      let (name, context) = (package.name, context.called(package))
      let library = PackageLibrary(states: states, state: name, isCalled: true)
      let own = module(for: context, UnreadLists(), among: states.asked).mapping { function in
        Prelude.firstFunctions.contains(function.name) ? function : states.guarding(function, of: name)
      }
      let clock = LuaClock(recording: context.recorder).within { states.asked.isAsked(name, in: $0) }
      return try await engine(
        [own, library.module], package.modules, of: context, clock, isIsolated: isIsolated || package.isIsolated, nil)
    }
    return PackageLibrary(states: states, state: script, isCalled: false)
  }

  /// The modules of the script's own state.
  func modules(
    for context: ScriptContext, _ unreadLists: UnreadLists, facts: PlaybookFacts = PlaybookFacts(),
    with library: PackageLibrary?
  ) -> [LuaModule] {
    var own = module(for: context, unreadLists, facts: facts, among: library?.states.asked)
    if let library, ownPackage != nil {
      own = own.mapping { library.states.guarding($0, of: library.state, isCalled: false) }
    }
    return [own] + [library?.module].compactMap(\.self)
  }

  private func engine(
    _ modules: [LuaModule], _ moduleSource: LuaModuleSource?, of context: ScriptContext, _ clock: LuaClock,
    isIsolated: Bool, _ lineCounts: LuaLineCounts?
  ) async throws -> any LuaRunner {
    let output: @Sendable (LuaString) -> Void = { context.output.print($0) }
    if isIsolated {
      return IsolatedLuaEngine(
        limits: limits, modules: modules, moduleSource: moduleSource, seed: context.seed,
        clock: clock, output: output)
    }
    return try await LuaEngine(
      limits: limits, modules: modules, moduleSource: moduleSource, seed: context.seed,
      clock: clock, lineCounts: lineCounts, output: output)
  }
}

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
    let engine = try await engine(for: context, unreadLists)
    var results = try await engine.run(chunk, arguments: arguments.map(LuaValue.text))
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
      _ = try await engine(for: context, UnreadLists(), facts: facts).run(chunk)
      return await facts.description(parameters: [])
    } catch let end as DescriptionEnded {
      return await facts.description(parameters: end.parameters ?? [], isCutOff: end.parameters == nil)
    } catch is ScriptExit {
      return await facts.description(parameters: [])
    }
  }

  /// The module `apig`.
  func module(
    for context: ScriptContext, _ unreadLists: UnreadLists, facts: PlaybookFacts = PlaybookFacts()
  ) -> LuaModule {
    let functions =
      GatewayLibrary(context: context, unreadLists: unreadLists).functions + PlaybookLibrary(context: context).functions
      + OutputLibrary(output: context.output).functions + ComparisonLibrary(recorder: context.recorder).functions
      + ReleaseLibrary(context: context).functions
      + [facts.function]
    return LuaModule(name: "apig", functions: functions, prelude: Prelude.text)
  }

  private func engine(
    for context: ScriptContext, _ unreadLists: UnreadLists, facts: PlaybookFacts = PlaybookFacts()
  ) async throws -> any LuaRunner {
    let module = module(for: context, unreadLists, facts: facts)
    let output: @Sendable (LuaString) -> Void = { context.output.print($0) }
    if isIsolated {
      return IsolatedLuaEngine(
        limits: limits, modules: [module] + modules, moduleSource: moduleSource, seed: context.seed,
        clock: LuaClock(recording: context.recorder), output: output)
    }
    return try await LuaEngine(
      limits: limits, modules: [module] + modules, moduleSource: moduleSource, seed: context.seed,
      clock: LuaClock(recording: context.recorder), lineCounts: lineCounts, output: output)
  }
}

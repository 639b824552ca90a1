internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// Why a script ended by `apig.exit`.
public struct ScriptExit: Error, Sendable {
  public enum Code: String, Sendable, CaseIterable {
    case ok, differences, failed
  }

  public let code: Code
  public let text: String?
}

/// The host functions around a playbook: its parameters, its facts, its end.
struct PlaybookLibrary: Sendable {
  let context: ScriptContext

  var functions: [LuaHostFunction] {
    [
      .sync("params") { call in [.table(try parameters(call[0]))] },
      .sync("refuse_parameter") { call in
        let name = call[0].stringValue ?? "?"
        throw LuaStop(
          ParameterError(
            message: "--\(name.replacing("_", with: "-")) cannot be '\(call[1].stringValue ?? "")'",
            hint: "it must match \(call[2].stringValue ?? "")"))
      },
      .sync("run_facts") { _ in [runFacts] },
      .sync("run_place") { call in [runPlace(call[0].stringValue)] },
      .sync("exit") { call in throw try exit(call[0], call[1]) },
      .sync("cannot_know") { call in throw context.plannedValues.cannotKnow(call) },
      .sync("now") { call in [.text(try context.recorder.time(CallOrigin(call)).text)] },
      .sync("record_classes") { _ in [RecordClasses.description] },
      .sync("unknown_field") { call in
        throw RecordClasses.unknownField(call[1].stringValue ?? "?", of: call[0].stringValue ?? "?")
      },
      .sync("option_names") { _ in
        var table = LuaTable()
        for function in ScriptFunctionCatalog.besidesOperations {
          table[function.name] = .table(LuaTable(sequence: function.options.map { .text($0.name) }))
        }
        return [.table(table)]
      },
      .sync("operations") { _ in
        [.table(LuaTable(sequence: OperationCatalog.all.map { .text($0.name) }))]
      },
    ]
  }

  private func parameters(_ table: LuaValue) throws -> LuaTable {
    let declarations = try ParameterDeclaration.declarations(table)
    if context.mode == .describe { throw LuaStop(DescriptionEnded(parameters: declarations)) }
    let binder = ParameterBinder(
      declarations: declarations, defaultEnvironment: context.defaultEnvironment(),
      now: Timestamp(context.facts.startedAt) ?? Timestamp.now())
    do {
      return try binder.bind(context.parameters)
    } catch {
      throw LuaStop(error)
    }
  }

  private var runFacts: LuaValue {
    var facts = LuaTable()
    facts["id"] = .text(context.facts.id)
    facts["mode"] = .text(context.mode.rawValue)
    facts["user"] = .text(context.facts.user)
    facts["started_at"] = .text(context.facts.startedAt)
    if context.place == nil {
      facts["gateway"] = .text(context.facts.gateway)
      facts["env"] = context.facts.environment.map(LuaValue.text) ?? .nil
    }
    return .table(facts)
  }

  /// The facts that change from input to input of a session.
  private func runPlace(_ name: String?) -> LuaValue {
    guard let place = context.place?() else { return .nil }
    switch name {
    case "gateway": return .text(place.gateway)
    case "env": return place.environment.map(LuaValue.text) ?? .nil
    default: return .nil
    }
  }

  private func exit(_ code: LuaValue, _ text: LuaValue) throws -> LuaStop {
    let words = ScriptExit.Code.allCases.map(\.rawValue)
    guard let word = code.isNil ? "ok" : code.stringValue, let exitCode = ScriptExit.Code(rawValue: word) else {
      throw CallOptions.usage("bad argument #1 to 'exit'", "it is one of \(words.joined(separator: ", "))")
    }
    return LuaStop(ScriptExit(code: exitCode, text: text.stringValue))
  }
}

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
      .sync("params") { call in
        let (values, hidden) = try parameters(call[0])
        return [.table(values), .table(hidden)]
      },
      .sync("refuse_parameter") { call in
        let name = call[0].stringValue ?? "?"
        let shown = call[1].stringValue.map { "cannot be '\($0)'" } ?? "cannot be that"
        throw LuaStop(
          ParameterError(
            message: "--\(name.replacing("_", with: "-")) \(shown)", hint: "it must match \(call[2].stringValue ?? "")")
        )
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

  /// The parameters' values, and the texts of those that are secret, which the prelude alone sees.
  private func parameters(_ table: LuaValue) throws -> (LuaTable, hidden: LuaTable) {
    try refuseCalled("params", hint: "take what the function needs as its arguments")
    let declarations = try ParameterDeclaration.declarations(table)
    if context.mode == .describe { throw LuaStop(DescriptionEnded(parameters: declarations)) }
    let binder = ParameterBinder(
      declarations: declarations, defaultEnvironment: context.defaultEnvironment(),
      now: Timestamp(context.facts.startedAt) ?? Timestamp.now())
    var values: LuaTable
    let given: [String: String]
    do {
      values = try binder.bind(context.parameters)
      given = try binder.texts(of: context.parameters)
    } catch {
      throw LuaStop(error)
    }
    var hidden = LuaTable()
    for name in declarations.filter(\.isSecret).map(\.name) {
      guard let text = values[name].stringValue else { continue }
      if let closed = context.closedParameters, given[name]?.isEmpty == false, !closed.contains(name) {
        throw CallOptions.usage(
          "'params' says too late that '\(name)' is a secret: what was given for it is in the journal",
          "let apig.params come first in the script")
      }
      try context.openedSecrets.declare(parameter: name, text, of: context.principal)
      hidden[name] = .text(text)
      values[name] = SecretText.value(name)
    }
    return (values, hidden)
  }

  /// What is the run's script's alone.
  private func refuseCalled(_ function: String, hint: String) throws(GatewayError) {
    guard context.isCalled else { return }
    throw CallOptions.usage("'\(function)' is for the script that was run, not for a package it calls", hint)
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
    try refuseCalled("exit", hint: "raise an error, or return")
    let words = ScriptExit.Code.allCases.map(\.rawValue)
    guard let word = code.isNil ? "ok" : code.stringValue, let exitCode = ScriptExit.Code(rawValue: word) else {
      throw CallOptions.usage("bad argument #1 to 'exit'", "it is one of \(words.joined(separator: ", "))")
    }
    return LuaStop(ScriptExit(code: exitCode, text: text.stringValue))
  }
}

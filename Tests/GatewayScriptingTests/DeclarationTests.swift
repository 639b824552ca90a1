import GatewayAPI
import GatewayScripting
import Testing

/// The declarations of the functions, from which `check` and the manual work, are those of the sandbox.
@Suite(.timeLimit(.minutes(5))) struct DeclarationTests {
  @Test func theSandboxHasWhatIsDeclaredAndNothingElse() async throws {
    let value = try await ScriptHarness.with { script in
      try await script(
        """
        local names = {}
        local function read(path, t)
          for name, value in pairs(t) do
            if type(value) == "function" then
              names[#names + 1] = path .. name
            elseif path == "" and name ~= "run" then
              read(name .. ".", value)
            end
          end
        end
        read("", apig)
        local handle = {}
        for name in pairs(apig.gateway("local")) do handle[#handle + 1] = name end
        local facts = {}
        apig.params {}
        for name in pairs(apig.run) do facts[#facts + 1] = name end
        return { names = names, handle = handle, facts = facts }
        """, environment: "RELEASE")
    }
    func strings(_ name: String) -> [String] { value[name]?.arrayValue?.compactMap(\.stringValue).sorted() ?? [] }
    let twins = ScriptFunctionCatalog.operations.map { "try.\($0.name)" }
    #expect(strings("names") == (ScriptFunctionCatalog.all.map(\.name) + twins).sorted())
    #expect(strings("handle") == ScriptFunctionCatalog.operations.map(\.name).sorted())
    #expect(strings("facts") == ScriptFunctionCatalog.values["run"]?.sorted())
  }

  /// A value for what a function cannot do without.
  private static let samples = [
    "url": "'http://127.0.0.1:1/'", "timeout": "'1s'", "text": "'x'", "api": "'pay-create'", "env": "'RELEASE'",
    "version": "-1", "time": "'1s'", "group": "'payments'", "document": "'{}'", "name": "'x'", "action": "'online'",
    "mode": "'DEVELOPER'", "scheme": "'HTTP'",
    "apis": "{ 'pay-create' }", "id": "'x'", "definition": "{}",
  ]

  /// The call of a function with some options.
  private static func call(_ function: ScriptFunction, _ options: [String: String]) -> String {
    let table =
      "{ " + options.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ") + " }"
    let arguments = function.arguments.map { argument in
      if argument.hasOptions { return table }
      switch argument.type {
      case .function: return "function() return true end"
      case .string: return "'x'"
      default: return "{}"
      }
    }
    return "apig.\(function.name)(\(arguments.joined(separator: ", ")))"
  }

  private static func required(_ function: ScriptFunction) -> [String: String] {
    var options: [String: String] = [:]
    for group in function.alternatives { if let name = group.first { options[name] = samples[name] ?? "'x'" } }
    if function.option("env") != nil, function.isOperation { options["env"] = samples["env"] }
    return options
  }

  private static var withOptions: [ScriptFunction] {
    ScriptFunctionCatalog.all.filter { $0.arguments.contains(where: \.hasOptions) }
  }

  @Test func everyFunctionRefusesAnOptionThatIsNotDeclared() async throws {
    try await ScriptHarness.with { script in
      for function in Self.withOptions {
        var options = Self.required(function)
        options["no_such_option"] = "1"
        let result = try await script(
          "local ok, err = pcall(function() \(Self.call(function, options)) end) return { ok, ok or err.kind, ok or err.message }"
        )
        #expect(result.arrayValue?[0] == false && result.arrayValue?[1] == "usage", "\(function.name): \(result)")
        #expect(
          result.arrayValue?[2].stringValue?.hasPrefix("unknown option 'no_such_option'") == true,
          "\(function.name): \(result)")
      }
    }
  }

  @Test func everyOptionRefusesWhatIsNotOfItsType() async throws {
    try await ScriptHarness.with { script in
      for function in Self.withOptions {
        for option in function.options {
          guard let wrong = Self.wrong(option.type) else { continue }
          var options = Self.required(function)
          // One of several that exclude each other is enough.
          for other in function.exclusives where other != option.name && function.exclusives.contains(option.name) {
            options[other] = nil
          }
          options[option.name] = wrong
          let result = try await script(
            "local ok, err = pcall(function() \(Self.call(function, options)) end) return { ok, ok or err.kind, ok or err.message }"
          )
          #expect(
            result.arrayValue?[0] == false && result.arrayValue?[1] == "usage",
            "\(Self.call(function, options)): \(result)")
          #expect(
            result.arrayValue?[2].stringValue?.contains("'\(option.name)'") == true,
            "\(Self.call(function, options)): \(result)")
        }
      }
    }
  }

  /// A filter that is none would let every API of the gateway through.
  @Test(arguments: ["true", "42", "''", "{}"]) func aGroupIDThatIsNoneChangesNothing(id: String) async throws {
    try await ScriptHarness.with { script in
      for function in ["publish", "offline"] {
        let result = try await script(
          "local ok, err = pcall(apig.\(function), { group_id = \(id), env = 'RELEASE' }) return { ok, ok or err.kind }"
        )
        #expect(result == [false, "usage"], "\(function): \(result)")
      }
    }
  }

  /// What a type does not take; nil where it takes everything.
  private static func wrong(_ type: ScriptType) -> String? {
    switch type {
    case .any: nil
    case .string, .url, .time, .id, .order: "true"
    case .boolean, .number, .integer, .function, .table, .list, .names, .statuses, .choice: "'no such thing'"
    case .duration: "'soon'"
    case .reference, .references, .file, .comparable: "true"
    }
  }
}

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

/// What functions return is what their declarations say.
@Suite(.timeLimit(.minutes(5))) struct DeclaredRecordTests {
  /// Compares the keys of a table that a script returned with the fields of a kind of record.
  private func expect(_ value: Document?, _ name: String, lacks absent: [String] = []) throws {
    let record = try #require(ScriptRecordCatalog.record(name), "\(name)")
    let found = Set(try #require(value?.objectValue, "\(name): \(String(describing: value))").keys)
    let declared = Set(record.fields.map(\.name))
    let certain = record.fields.filter { if case .optional = $0.shape { false } else { true } }.map(\.name)
    #expect(found.subtracting(declared).isEmpty, "\(name) has more than is declared: \(found.subtracting(declared))")
    let missing = Set(certain).subtracting(found).subtracting(absent)
    #expect(missing.isEmpty, "\(name) lacks what is declared to be there always: \(missing)")
  }

  @Test func recordsOfTheReleaseHaveTheDeclaredFields() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local function plain(record)
          local copy = {}
          for key, value in next, record do
            if type(value) ~= "function" then copy[key] = type(value) == "table" and {} or value end
          end
          return copy
        end
        local waves, run = {}, {}
        for wave in apig.waves({ "a", "b" }, { 1, "100%" }) do waves[#waves + 1] = plain(wave) end
        local several = apig.publish { apis = { "pay-create", "pay-refund" }, env = "TEST" }
        local batch = apig.batch { action = "offline", apis = { "pay-create" }, env = "TEST" }
        local diff = apig.diff({ a = 1 }, { a = 2 })
        local _, plain_error = pcall(apig.api, { api_id = "0123456789abcdef0123456789abcdef" })
        local _, undone = pcall(apig.with_rollback, function() error { kind = "invalid", message = "no" } end)
        apig.params {}
        return {
          wave = waves[2], several = plain(several), batch = plain(batch), diff = plain(diff),
          change = plain(diff.changes[1]), error = plain(plain_error), run = plain(apig.run),
        }
        """, environment: "RELEASE")
      try expect(value["wave"], "wave")
      try expect(value["several"], "batch result")
      try expect(value["batch"], "batch result")
      try expect(value["diff"], "difference")
      try expect(value["change"], "change")
      try expect(value["error"], "error")
      try expect(value["run"], "run")
    }
  }

  @Test func answersOfOtherServersHaveTheDeclaredFields() async throws {
    try await ScriptHarness.withWeb { script, _ in
      let value = try await script(
        """
        local url = "\(script.url)/_local/healthz"
        local answer = apig.http.get { url = url }
        local numbers = apig.health.http { url = url, samples = 2, every = "1ms", expect = answer.status }
        local _, err = pcall(apig.health.http, { url = url, samples = 1, expect = 299 })
        return {
          answer = { status = answer.status, headers = answer.headers, body = answer.body }, numbers = numbers,
          failed = err.result, failure = err.result.first_failure,
        }
        """)
      try expect(value["answer"], "http answer")
      try expect(value["numbers"], "health numbers")
      try expect(value["failed"], "health numbers")
      try expect(value["failure"], "probe failure")
    }
  }

  @Test func recordsThatAreNamedAreDeclared() {
    func shapes(_ function: ScriptFunction) -> [ScriptShape] { function.results + function.arguments.map(\.shape) }
    func shapes(_ record: ScriptRecord) -> [ScriptShape] {
      record.fields.map(\.shape) + record.methods.flatMap { shapes($0) }
    }
    let functions = ScriptFunctionCatalog.all + TestDeclarations.functions
    let records = ScriptRecordCatalog.all + TestDeclarations.records
    let named = functions.flatMap { shapes($0) } + records.flatMap { shapes($0) }
    let known = Set((ScriptRecordCatalog.all + TestDeclarations.records).map(\.name))
    #expect(Set(named.flatMap(\.recordNames)).subtracting(known).isEmpty)
  }

  /// Without lua-language-server: the definitions are Lua, and define every class that they name.
  @Test func definitionsAreLuaAndDefineWhatTheyName() async throws {
    var defined: Set<String> = []
    var named: Set<String> = []
    for file in TypeDefinitions.files {
      for line in file.text.split(separator: "\n") where line.hasPrefix("---@") {
        for match in line.matches(of: /---@(class|alias) ([\w.]+)/) { defined.insert(String(match.2)) }
        // Of what follows the name, the type ends where the help begins: with a capital, a bracket or a quote.
        let type = line.replacing(/^---@(field|param) \S+/, with: "").prefix { !$0.isUppercase && $0 != "{" }
        for match in type.matches(of: /\bapig\.[\w.]*\w/) { named.insert(String(match.0)) }
      }
      try await ScriptHarness.with { script in
        let loaded = try await script("return { load([==[\n\(file.text)\n]==], \"=\(file.name)\", \"t\") ~= nil }")
        #expect(loaded == [true], "\(file.name)")
      }
      #expect(file.text.hasPrefix(TypeDefinitions.mark + "\n---@meta apig"))
    }
    let functions = Set(ScriptFunctionCatalog.all.map { "apig.\($0.name)" })
    #expect(named.subtracting(defined).subtracting(functions).isEmpty, "\(named.subtracting(defined))")
    for function in ScriptFunctionCatalog.all {
      #expect(TypeDefinitions.files[0].text.contains("\nfunction apig.\(function.name)("))
    }
  }
}

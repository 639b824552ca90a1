internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// What `apig.secret` gives: text whose secret parts are names only, until they are sent to another server.
package enum SecretText {
  static let className = "secret"

  /// What stands for a secret wherever it is shown or written down.
  package static func mark(_ name: String) -> String { "‹secret \(name)›" }

  /// The value that scripts get.
  static func value(_ name: String) -> LuaValue {
    var part = LuaTable()
    part["name"] = .text(name)
    return .table(LuaTable(sequence: [.table(part)], className: className))
  }

  /// The text of such a value.
  ///
  /// - Parameter part: what stands in the place of a secret, by its name.
  static func text(_ table: LuaTable, _ part: (String) throws -> String) rethrows -> String {
    try table.sequence.map { value in
      if let name = value.tableValue?["name"].stringValue { return try part(name) }
      return value.stringValue ?? ""
    }.joined()
  }
}

extension LuaValue {
  /// The same with text for every secret, at any depth.
  func replacingSecrets(_ part: (String) throws -> String) rethrows -> LuaValue {
    guard var table = tableValue else { return self }
    if table.className == SecretText.className { return .text(try SecretText.text(table, part)) }
    table.sequence = try table.sequence.map { try $0.replacingSecrets(part) }
    for index in table.fields.indices {
      table.fields[index].value = try table.fields[index].value.replacingSecrets(part)
    }
    return .table(table)
  }

  /// The names of all secrets in it.
  var secretNames: Set<String> {
    var names: Set<String> = []
    _ = replacingSecrets { name in
      names.insert(name)
      return ""
    }
    return names
  }
}

/// The host functions around secrets.
struct SecretLibrary: Sendable {
  let context: ScriptContext

  var functions: [LuaHostFunction] {
    [
      .recorded("find_secret") { call in
        try await find(call[0])
        return []
      }
    ]
  }

  /// A secret that is missing or not granted ends the script here, before it has done anything with it.
  private func find(_ value: LuaValue) async throws {
    try context.beforeGatewayCall()
    guard let name = value.stringValue, name.wholeMatch(of: /[A-Za-z][A-Za-z0-9_\-]*/) != nil else {
      throw CallOptions.usage("bad argument #1 to 'secret' (a name of letters, digits, _ and - expected)", nil)
    }
    try context.openedSecrets.find(name)
    try await context.require(.secret, name)
    _ = try await context.recorder.answer(RecordedCall("secret", ["name": .string(name)], title: "secret \(name)")) {
      _ = try await context.surroundings.secret(name)
      return true
    }
  }
}

extension ScriptContext {
  /// A call's options with the secrets in them opened.
  ///
  /// - Throws: `GatewayError` for one that is missing or not granted.
  func opened(_ options: LuaValue) async throws -> LuaValue {
    var secrets: [String: String] = [:]
    for name in options.secretNames {
      if let value = openedSecrets.parameter(name, for: principal) {
        secrets[name] = value
        continue
      }
      try await require(.secret, name)
      let value = try await surroundings.secret(name)
      openedSecrets.add(value, named: name)
      secrets[name] = value
    }
    return options.replacingSecrets { secrets[$0] ?? "" }
  }
}

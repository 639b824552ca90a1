internal import GatewayAPI

/// The module as lua-language-server knows modules: for completion, help and checks while a script is written.
///
/// Everything in it is made from the declarations that runs check calls by.
public enum TypeDefinitions {
  /// One file of definitions.
  public struct File: Sendable, Hashable {
    /// "apig.lua"
    public let name: String
    public let text: String
  }

  /// The first line of each file: what has it was made here.
  public static let mark = "-- Made by apig-lua types: what scripts find, for lua-language-server."

  public static var files: [File] { [File(name: "apig.lua", text: module), File(name: "apig.test.lua", text: tests)] }

  // MARK: - apig

  private static var module: String {
    var text = LuaDefinitionText()
    text.line(mark)
    text.line("---@meta apig")
    text.gap()
    aliases(&text)
    for record in ScriptRecordCatalog.all { text.record(record) }
    for function in ScriptFunctionCatalog.all { text.options(of: function, in: "apig") }

    text.gap()
    text.comment("Release scripts for API Gateway and ROMA Connect.")
    text.line("---@class apig")
    text.line("---@field run apig.run Facts of the run; read-only.")
    text.line("apig = {}")
    let tables = Set(ScriptFunctionCatalog.all.compactMap(\.tableName)).sorted()
    for table in tables + ["try"] {
      text.gap()
      if table == "try" { text.comment("The operations, returning nil and the error instead of raising it.") }
      text.line("---@class apig.\(table)")
      text.line("apig.\(table) = {}")
    }
    for function in ScriptFunctionCatalog.all { text.function(function, in: "apig", separator: ".") }
    for function in ScriptFunctionCatalog.operations { text.twin(function) }
    text.gap()
    text.line("return apig")
    return text.text
  }

  private static func aliases(_ text: inout LuaDefinitionText) {
    text.comment("Seconds as a number, or \"90s\", \"5m\", \"1h30m\".")
    text.line("---@alias apig.duration number|string")
    for kind in ResourceKind.allCases {
      text.gap()
      let records = RecordClasses.schemas.filter { $0.names(kind) }.map { LuaAnnotation.className($0.name) }
      text.comment("\(kind == .version ? "Number (-1: the one before), ID" : "Name, ID") or record of \(kind.article).")
      let own = kind == .version ? ["string", "integer"] : ["string"]
      text.line("---@alias \(LuaAnnotation.referenceName(kind)) \((own + records).joined(separator: "|"))")
    }
  }

  // MARK: - apig.test

  private static var tests: String {
    let name = TestDeclarations.moduleName
    var text = LuaDefinitionText()
    text.line(mark)
    text.line("---@meta \(name)")
    for record in TestDeclarations.records { text.record(record) }
    for function in TestDeclarations.functions { text.options(of: function, in: name) }
    text.gap()
    text.comment("Tests of playbooks: gateways of their own, runs, crashes.")
    text.line("---@class \(name)")
    text.line("local t = {}")
    for function in TestDeclarations.functions { text.function(function, in: name, table: "t", separator: ".") }
    for word in TestDeclarations.words { text.function(word, in: name, table: nil, separator: ".") }

    text.gap()
    text.comment("Assertions, of a value that holds: assert.is_not.equal denies one.")
    text.line("---@class apig.assertions")
    for word in ["is_not", "are_not", "has_no"] { text.line("---@field \(word) apig.assertions Denies what follows.") }
    for word in ["is", "are", "has"] { text.line("---@field \(word) apig.assertions Has no meaning of its own.") }
    text.line("---@overload fun(value: any, message?: any): any")
    text.line("assert = {}")
    for assertion in TestDeclarations.assertions {
      text.function(assertion, in: name, table: "assert", separator: ".")
    }
    text.gap()
    text.line("t.assert = assert")
    text.gap()
    text.line("return t")
    return text.text
  }
}

extension ScriptFunction {
  /// The table inside of the module that it is in: "health".
  var tableName: String? {
    let parts = name.split(separator: ".")
    return parts.count > 1 ? String(parts[0]) : nil
  }
}

extension ResourceKind {
  /// "an API"
  fileprivate var article: String { self == .group || self == .version ? "a \(noun)" : "an \(noun)" }
}

extension RecordSchema {
  /// Whether a record of it can stand for a resource.
  fileprivate func names(_ kind: ResourceKind) -> Bool {
    let own = kind == .api ? [API.schema.name, APIDefinition.schema.name] : [kind.rawValue]
    return fields.contains { $0.name == "\(kind.rawValue)_id" } || kind != .version && own.contains(name)
  }
}

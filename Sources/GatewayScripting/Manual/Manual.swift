internal import GatewayAPI

/// The manual of scripts, offline: every function, record and error, made from the declarations.
public enum Manual {
  /// A line of the table of contents.
  public struct Line: Sendable, Hashable {
    public let name: String
    public let summary: String
  }

  public struct Section: Sendable, Hashable {
    public let title: String
    public let lines: [Line]
  }

  /// The table of contents.
  public static var sections: [Section] {
    chapters.map { chapter in
      Section(title: chapter.title, lines: chapter.entries.map { Line(name: $0.name, summary: $0.summary) })
    }
  }

  /// The names of the functions of `apig`, without `apig.` before them.
  public static var functionNames: [String] { ScriptFunctionCatalog.all.map(\.name) }

  /// Every entry of a name: a function, a record and a kind of error may share one.
  ///
  /// - Parameters:
  ///   - name: as it is written anywhere: `publish`, `apig.publish`, `apig.try.publish`, `gw:publish`, `t.run`,
  ///     `version`, `not_found`, `APIG.3002`.
  ///   - width: columns.
  /// - Returns: nil when there is none.
  public static func text(on name: String, width: Int = 100) -> String? {
    let entries = entries(named: name)
    return entries.isEmpty ? nil : entries.map { $0.text(width: width) }.joined(separator: "\n")
  }

  /// The name that may be meant by one that has no entry.
  public static func suggestion(for name: String) -> String? {
    let bare = bareName(name)
    let names = chapters.flatMap(\.entries).map(\.name)
    let known = names + names.map(bareName) + names.compactMap { $0.split(separator: ".").last.map(String.init) }
    return Suggestion.closest(to: bare, in: known) ?? Suggestion.closest(to: name, in: known)
  }

  /// The reference of everything, in Markdown.
  public static var reference: String {
    var text = "# Reference\n\nEvery function, record and error of scripts, made from their declarations.\n"
    for chapter in chapters {
      text += "\n## \(chapter.title)\n\n\(chapter.introduction)\n"
      for entry in chapter.entries { text += "\n" + entry.markdown(level: 3) }
    }
    return text + "\n## Codes of the gateway\n\nDecide by kind or code, never by the text.\n\n" + ErrorCodeManual.table
  }

  // MARK: - Chapters

  private struct Chapter {
    let title: String
    let introduction: String
    let entries: [any ManualEntry]
  }

  private static var chapters: [Chapter] {
    let operations = ScriptFunctionCatalog.all.filter(\.isOperation) + [.gateway]
    let others = ScriptFunctionCatalog.all.filter { !$0.isOperation && $0.name != ScriptFunction.gateway.name }
    return [
      Chapter(
        title: "The gateway",
        introduction: "Also functions of `apig.try`, which return nil and the error, and of a gateway's handle.",
        entries: operations.map { FunctionManual($0) }),
      Chapter(
        title: "The release", introduction: "What a script has around the gateway's operations.",
        entries: others.map { FunctionManual($0) }),
      Chapter(
        title: "Records", introduction: "What functions return. Reading a field that a record does not have raises.",
        entries: (ScriptRecordCatalog.all + TestDeclarations.records).map { RecordManual($0) }),
      Chapter(
        title: "Errors",
        introduction: "The kinds of what calls raise: `kind` of the error; `code` is the gateway's own.",
        entries: GatewayError.Kind.allCases.map { ErrorKindManual(kind: $0) }),
      Chapter(
        title: "Tests",
        introduction: "What `*_spec.lua` has beside `apig`: the module `apig.test` and busted's words.",
        entries: TestDeclarations.functions.map { FunctionManual($0, prefix: "t.") }
          + TestDeclarations.words.map { FunctionManual($0, prefix: "") }
          + TestDeclarations.assertions.map { FunctionManual($0, prefix: "assert.") }),
    ]
  }

  /// Tables of functions, which have no chapter of their own.
  private static var namespaces: [NamespaceManual] {
    let tables = Set(ScriptFunctionCatalog.all.compactMap(\.tableName)).sorted()
    let functions = tables.map { table in
      NamespaceManual(
        name: "apig.\(table)", summary: "a table of functions.",
        entries: ScriptFunctionCatalog.all.filter { $0.tableName == table }.map { FunctionManual($0) })
    }
    return functions + [
      NamespaceManual(
        name: "apig.try", summary: "the operations, returning nil and the error instead of raising it.",
        entries: ScriptFunctionCatalog.operations.map { FunctionManual($0) }),
      NamespaceManual(
        name: TestDeclarations.moduleName, summary: "the module of tests: local t = require \"apig.test\".",
        entries: TestDeclarations.functions.map { FunctionManual($0, prefix: "t.") }),
      NamespaceManual(
        name: "errors", summary: "what calls raise; `apig-lua doc error` lists an error's fields.",
        entries: GatewayError.Kind.allCases.map { ErrorKindManual(kind: $0) }),
    ]
  }

  // MARK: - Looking up

  private static func entries(named name: String) -> [any ManualEntry] {
    if let code = ErrorCodeManual(named: name) { return [code] }
    let all: [any ManualEntry] = chapters.flatMap(\.entries) + namespaces
    let bare = bareName(name)
    // With what stands before it in scripts, it is one thing; without, whatever has the name.
    let exact = all.filter { $0.name == name }
    if !exact.isEmpty, bare != name { return exact }
    return all.filter { bareName($0.name) == bare && !bare.isEmpty }
  }

  /// Without what stands before it in scripts, and without parentheses.
  private static func bareName(_ name: String) -> String {
    var name = name.replacing(/\(\)$/, with: "")
    if let colon = name.lastIndex(of: ":") { name = String(name[name.index(after: colon)...]) }
    for prefix in ["apig.try.", "apig.test.", "apig.", "t.", "assert."] where name.hasPrefix(prefix) {
      return String(name.dropFirst(prefix.count))
    }
    return name
  }
}

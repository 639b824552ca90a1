internal import GatewayAPI

extension PackageManifest {
  private static let keys = [
    "name", "version", "summary", "entry_points", "lua", "apig_lua", "permissions", "files", "dependencies",
  ]
  private static let maximumSummaryLength = 200

  /// Reads the text of a `package.yaml`.
  ///
  /// - Parameter place: the file, for messages.
  /// - Throws: ``PackageError`` of kind `malformed`, with line and column.
  public init(_ text: [UInt8], place: String = PackageManifest.fileName) throws(PackageError) {
    let file = YAMLFile(name: place)
    var name: PackageName?
    var version: SemanticVersion?
    var summary = ""
    var entryPoints: [String: String] = [:]
    var lua = VersionRange.any
    var command = VersionRange.any
    var permissions: [Permission] = []
    var patterns = try Self.allFiles()
    var dependencies: [PackageDependency] = []
    let root = try file.root(text, maximumSize: Self.maximumSize)
    for (key, node) in try file.members(of: root, "the file", keys: Self.keys) {
      switch key {
      case "name": name = try file.value(node, key, PackageName.init(_:))
      case "version": version = try file.value(node, key, SemanticVersion.init(_:))
      case "summary": summary = try Self.summary(node, file)
      case "entry_points": entryPoints = try Self.entryPoints(node, file)
      case "lua": lua = try file.value(node, key, VersionRange.init(_:))
      case "apig_lua": command = try file.value(node, key, VersionRange.init(_:))
      case "permissions": permissions = try file.permissions(node, key)
      case "files": patterns = try Self.patterns(node, file)
      case "dependencies": dependencies = try Self.dependencies(node, file)
      default: break
      }
    }
    guard let name else { throw file.missing("name", "write name: owner/name") }
    guard let version else { throw file.missing("version", "write version: \"1.0.0\"") }
    guard !dependencies.contains(where: { $0.name == name }) else {
      throw PackageError(.malformed, place: place, "\(name) needs itself")
    }
    self.init(
      name: name, version: version, summary: summary, entryPoints: entryPoints, luaRange: lua, commandRange: command,
      permissions: permissions, files: patterns, dependencies: dependencies)
  }

  private static func allFiles() throws(PackageError) -> [FilePattern] {
    [try FilePattern("**/*.lua"), try FilePattern("**/*.md"), try FilePattern("**/*.yaml")]
  }

  private static func summary(_ node: YAMLNode, _ file: YAMLFile) throws(PackageError) -> String {
    let text = try file.text(node, "summary")
    guard text.utf8.count <= maximumSummaryLength, !text.hasInvisibleCharacters else {
      throw file.wrong(node, "'summary' must be one line of at most \(maximumSummaryLength) bytes")
    }
    return text
  }

  private static func entryPoints(_ node: YAMLNode, _ file: YAMLFile) throws(PackageError) -> [String: String] {
    var found: [String: String] = [:]
    for (name, value) in try file.members(of: node, "'entry_points'", keys: nil) {
      guard name.wholeMatch(of: /[a-z0-9][a-z0-9_-]{0,39}/) != nil else {
        throw file.wrong(
          value, "'\(name.shownName)' is no name of an entry point",
          hint: "of lower-case letters, digits, - and _, at most 40")
      }
      let path = try file.value(value, name) { text throws(PackageError) in try PackagePath(text) }
      guard path.description.hasSuffix(".lua") else {
        throw file.wrong(value, "the entry point '\(name)' is no Lua file", hint: "write \(name): FILE.lua")
      }
      found[name] = path.description
    }
    return found
  }

  private static func patterns(_ node: YAMLNode, _ file: YAMLFile) throws(PackageError) -> [FilePattern] {
    var patterns: [FilePattern] = []
    for element in try file.list(node, "files") {
      patterns.append(
        try file.value(element, "an entry of files") { text throws(PackageError) in try FilePattern(text) })
    }
    guard patterns.count <= 200 else { throw file.wrong(node, "'files' has more than 200 entries") }
    return patterns
  }

  private static func dependencies(_ node: YAMLNode, _ file: YAMLFile) throws(PackageError) -> [PackageDependency] {
    var dependencies: [PackageDependency] = []
    for (key, value) in try file.members(of: node, "'dependencies'", keys: nil) {
      let name: PackageName
      do throws(PackageError) {
        name = try PackageName(key)
      } catch {
        throw file.wrong(value, error.message, hint: error.hint)
      }
      var source: PackageSource?
      var range = VersionRange.any
      for (part, node) in try file.members(of: value, "'\(key)'", keys: ["source", "version"]) {
        switch part {
        case "source": source = try file.value(node, part) { text throws(PackageError) in try PackageSource(text) }
        case "version": range = try file.value(node, part) { text throws(PackageError) in try VersionRange(text) }
        default: break
        }
      }
      guard let source else {
        throw file.wrong(
          value, "'\(key)' has no source", hint: "write { source: \"git+https://…\", version: \"^1.0\" }")
      }
      guard source.range == nil else {
        throw file.wrong(value, "the source of '\(key)' names versions", hint: "write them as its version")
      }
      dependencies.append(PackageDependency(name: name, source: source, range: range))
    }
    return dependencies.sorted { $0.name < $1.name }
  }
}

internal import Crypto
internal import GatewayAPI

extension PackageLock {
  private static let head = """
    # Made by apig-lua pkg, and to be committed. Changes by hand are refused: pkg add, update and remove make them.
    lock: \(form)

    """
  private static let keys = [
    "version", "request", "source", "reference", "commit", "sha256", "signer", "signer_key", "permissions",
    "withheld", "dependencies", "checksum",
  ]

  /// As it is written: equal locks are equal texts.
  public var text: String {
    let packages = packages
    return Self.head + (packages.isEmpty ? "packages: {}\n" : "packages:\n" + packages.map(Self.text).joined())
      + "checksum: \(Self.quoted(checksum))\n"
  }

  /// The SHA-256 of all entries' checksums: an entry that is missing, and a file that is cut off, are found by it.
  private var checksum: String {
    let lines = packages.map { "\($0.name) \($0.checksum)" }
    return SHA256.hash(data: Array(lines.joined(separator: "\n").utf8)).hexadecimal
  }

  private static func text(of package: LockedPackage) -> String {
    var lines = ["  \(package.name):"]
    lines += package.fields.map { "    \($0.key): \(quoted($0.value))" }
    for (key, permissions) in [("permissions", package.permissions), ("withheld", package.withheld)]
    where !permissions.isEmpty {
      lines.append("    \(key):")
      lines += permissions.map { "      - \(quoted($0.description))" }
    }
    if !package.dependencies.isEmpty {
      lines.append("    dependencies:")
      lines += package.dependencies.sorted { $0.key < $1.key }.map {
        "      \($0.key): \(quoted($0.value.description))"
      }
    }
    lines.append("    checksum: \(quoted(package.checksum))")
    return lines.map { $0 + "\n" }.joined()
  }

  /// All values are texts, whatever they look like.
  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// Reads what ``text`` wrote.
  ///
  /// - Throws: ``PackageError``: of kind `malformed` with line and column, `refused` for an entry that was changed.
  public init(_ text: [UInt8], place: String = PackageLock.fileName) throws(PackageError) {
    let file = YAMLFile(name: place)
    var packages: [LockedPackage]?
    var form: String?
    var checksum: String?
    if text.firstRange(of: Array("\n<<<<<<< ".utf8)) != nil {
      throw PackageError(
        .malformed, place: place, "a merge left its marks in it, so it is no YAML",
        hint: "take one side of it (git checkout --ours \(Self.fileName)), and apig-lua pkg add what the other added")
    }
    let root = try file.root(text, maximumSize: Self.maximumSize)
    for (key, node) in try file.members(of: root, "the file", keys: ["lock", "packages", "checksum"]) {
      switch key {
      case "lock": form = try file.text(node, key)
      case "checksum": checksum = try file.value(node, key, Self.digest)
      default:
        var entries: [LockedPackage] = []
        for (name, entry) in try file.members(of: node, "'packages'", keys: nil) {
          entries.append(try Self.package(name, entry, file))
        }
        packages = entries
      }
    }
    guard form == "\(Self.form)" else {
      throw PackageError(
        .malformed, place: place, "its form is '\(form?.shownName ?? "")', and this apig-lua knows form \(Self.form)",
        hint: "use the apig-lua that wrote it, or a newer one")
    }
    self.init(packages ?? [])
    guard packages != nil, checksum == self.checksum else {
      throw PackageError(
        .refused, place: place, "it is not whole: entries are missing, or came from elsewhere",
        hint: "put the file back as it was committed; what a merge was to bring, apig-lua pkg add adds again")
    }
  }

  private static func package(
    _ name: String, _ node: YAMLNode, _ file: YAMLFile
  ) throws(PackageError) -> LockedPackage {
    let what = "package '\(name.shownName)'"
    let members = Dictionary(
      try file.members(of: node, what, keys: keys).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    func value<Value>(
      _ key: String, _ read: (String) throws(PackageError) -> Value
    ) throws(PackageError) -> Value? {
      guard let node = members[key] else { return nil }
      return try file.value(node, key, read)
    }
    func needed<Value>(_ key: String, _ read: (String) throws(PackageError) -> Value) throws(PackageError) -> Value {
      guard let value = try value(key, read) else { throw file.wrong(node, "\(what) has no '\(key)'") }
      return value
    }
    func permissions(_ key: String) throws(PackageError) -> [Permission] {
      try members[key].map { node throws(PackageError) in try file.permissions(node, key) } ?? []
    }
    let readName: PackageName
    do throws(PackageError) {
      readName = try PackageName(name)
    } catch {
      throw file.wrong(node, error.message, hint: error.hint)
    }
    var origin = PackageOrigin(
      location: try needed("source") { text throws(PackageError) in try PackageSource(text) }.location)
    origin.reference = try value("reference", text)
    origin.commit = try value("commit", commit)
    var signer: PackageSigner?
    if let identity = try value("signer", text) {
      signer = PackageSigner(identity: identity, key: try needed("signer_key", text))
    }
    var dependencies: [PackageName: VersionRange] = [:]
    if let node = members["dependencies"] {
      for (name, range) in try file.members(of: node, "'dependencies'", keys: nil) {
        let dependency = try file.value(range, name) { _ throws(PackageError) in try PackageName(name) }
        dependencies[dependency] = try file.value(range, name) { text throws(PackageError) in try VersionRange(text) }
      }
    }
    let package = LockedPackage(
      name: readName, version: try needed("version") { text throws(PackageError) in try SemanticVersion(text) },
      request: try value("request") { text throws(PackageError) in try PackageSource(text) }, origin: origin,
      digest: try needed("sha256", digest), signer: signer,
      permissions: try permissions("permissions"), withheld: try permissions("withheld"), dependencies: dependencies)
    guard try needed("checksum", digest) == package.checksum else {
      throw PackageError(
        .refused, place: "\(file.name):\(node.line)", "the entry of \(readName) was changed since apig-lua wrote it",
        hint: "put the file back as it was committed, or remove the entry and add the package again")
    }
    return package
  }

  private static func text(_ text: String) throws(PackageError) -> String {
    guard !text.hasInvisibleCharacters else { throw PackageError(.malformed, "it holds invisible characters") }
    return text
  }

  private static func commit(_ text: String) throws(PackageError) -> String {
    guard GitRevision.isCommit(text) else { throw PackageError(.malformed, "'\(text.shownName)' is no commit") }
    return text
  }

  private static func digest(_ text: String) throws(PackageError) -> String {
    guard text.utf8.count == 64, GitRevision.isCommit(text) else {
      throw PackageError(.malformed, "'\(text.shownName)' is no SHA-256")
    }
    return text
  }
}

extension VersionRange {
  /// - Throws: ``PackageError`` of kind `usage`.
  public init(_ text: String) throws(PackageError) {
    guard text.utf8.count <= Self.maximumLength else {
      throw PackageError(
        .usage, "a range of versions of \(text.utf8.count) bytes is too long",
        hint: "at most \(Self.maximumLength) bytes")
    }
    var scanner = VersionScanner(text)
    var alternatives: [[Bound]] = []
    scanner.skipBlanks()
    guard !scanner.isAtEnd else { throw Self.malformed(text, at: "its end") }
    repeat {
      var bounds: [Bound] = []
      repeat {
        scanner.skipBlanks()
        let rest = scanner.rest
        guard let found = Self.bounds(&scanner) else { throw Self.malformed(text, at: "'\(rest)'") }
        bounds += found
        scanner.skipBlanks()
      } while !scanner.isAtEnd && !scanner.rest.hasPrefix("|")
      alternatives.append(bounds)
    } while scanner.take("||")
    guard scanner.isAtEnd else { throw Self.malformed(text, at: "'\(scanner.rest)'") }
    self.init(alternatives: alternatives, description: text)
  }

  private static func malformed(_ text: String, at place: String) -> PackageError {
    PackageError(
      .usage, "'\(text)' is no range of versions: \(place) is none",
      hint: "write it as ^1.2, ~1.2.3, >=1.0 <2, 1.x, 1.2.3 or *; several with ||")
  }

  /// The bounds of one word: `^1.2` has two.
  private static func bounds(_ scanner: inout VersionScanner) -> [Bound]? {
    let operators = ["^", "~", ">=", "<=", ">", "<", "="]
    let sign = operators.first { scanner.take($0) } ?? ""
    scanner.skipBlanks()
    guard let core = scanner.core() else { return nil }
    // Two words need a blank between them.
    guard scanner.isAtEnd || scanner.rest.hasPrefix(" ") || scanner.rest.hasPrefix("|") else { return nil }
    let least = SemanticVersion(core.major, core.minor ?? 0, core.patch ?? 0, prerelease: core.prerelease)
    switch sign {
    case "^": return core.isAny ? all : [at(.atLeast, least), at(.less, afterCompatible(core))]
    case "~": return core.isAny ? all : [at(.atLeast, least), at(.less, afterNamed(core))]
    case ">=": return core.isAny ? all : [at(.atLeast, least)]
    case "<":
      // Before 1.2 is before its prereleases, too.
      if core.isAny { return none }
      return [at(.less, core.patch == nil ? before(least) : least)]
    case "<=":
      if core.isAny { return all }
      return core.patch == nil ? [at(.less, afterNamed(core))] : [at(.atMost, least)]
    case ">":
      if core.isAny { return none }
      return core.patch == nil ? [at(.atLeast, release(afterNamed(core)))] : [at(.greater, least)]
    default:
      if core.isAny { return all }
      return core.patch == nil ? [at(.atLeast, least), at(.less, afterNamed(core))] : [at(.equal, least)]
    }
  }

  private static func at(_ relation: Bound.Relation, _ version: SemanticVersion) -> Bound {
    Bound(relation: relation, version: version)
  }

  private static let all = [Bound(relation: .atLeast, version: SemanticVersion(0, 0, 0))]
  private static let none = [Bound(relation: .less, version: before(SemanticVersion(0, 0, 0)))]

  private static func before(_ version: SemanticVersion) -> SemanticVersion {
    SemanticVersion(version.major, version.minor, version.patch, prerelease: SemanticVersion.first)
  }

  private static func release(_ version: SemanticVersion) -> SemanticVersion {
    SemanticVersion(version.major, version.minor, version.patch)
  }

  /// What `^` ends before: the next change of the leftmost part that is not 0.
  private static func afterCompatible(_ core: VersionScanner.Core) -> SemanticVersion {
    guard core.major == 0, let minor = core.minor else { return before(SemanticVersion(core.major + 1, 0, 0)) }
    guard minor == 0, let patch = core.patch else { return before(SemanticVersion(0, minor + 1, 0)) }
    return before(SemanticVersion(0, 0, patch + 1))
  }

  /// What `~1.2.3` and `1.2` end before: the next minor version, or the next major one where no minor is named.
  private static func afterNamed(_ core: VersionScanner.Core) -> SemanticVersion {
    before(core.minor.map { SemanticVersion(core.major, $0 + 1, 0) } ?? SemanticVersion(core.major + 1, 0, 0))
  }
}

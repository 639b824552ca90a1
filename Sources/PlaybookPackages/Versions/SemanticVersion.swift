/// A version as semver.org defines it: `2.1.0`, `2.1.0-rc.1`, `2.1.0+20261120`.
public struct SemanticVersion: Sendable, Hashable, CustomStringConvertible {
  /// Longest text of a version, in bytes.
  static let maximumLength = 64

  public let major: Int
  public let minor: Int
  public let patch: Int
  /// The identifiers behind the hyphen; none for a release.
  public let prerelease: [Identifier]
  /// What stands behind the plus: it tells builds apart and counts for no range.
  public let build: String

  /// One part of a prerelease: `rc`, `1`.
  public enum Identifier: Sendable, Hashable {
    case number(Int)
    case word(String)
  }

  init(_ major: Int, _ minor: Int, _ patch: Int, prerelease: [Identifier] = [], build: String = "") {
    self.major = major
    self.minor = minor
    self.patch = patch
    self.prerelease = prerelease
    self.build = build
  }

  /// - Throws: ``PackageError`` of kind `usage`.
  public init(_ text: String) throws(PackageError) {
    var scanner = VersionScanner(text)
    guard text.utf8.count <= Self.maximumLength, let core = scanner.core(), let minor = core.minor,
      let patch = core.patch, scanner.isAtEnd
    else {
      throw PackageError(
        .usage, "'\(text.shownName)' is no version", hint: "write it as 1.2.3, 1.2.3-rc.1 or 1.2.3+build")
    }
    self.init(core.major, minor, patch, prerelease: core.prerelease, build: core.build)
  }

  /// The version that a git tag names: `v1.2.3` or `1.2.3`; nil for any other.
  init?(tag: String) {
    guard let version = try? SemanticVersion(tag.hasPrefix("v") ? String(tag.dropFirst()) : tag) else { return nil }
    self = version
  }

  public var description: String {
    "\(major).\(minor).\(patch)" + (prerelease.isEmpty ? "" : "-" + prerelease.map(\.text).joined(separator: "."))
      + (build.isEmpty ? "" : "+" + build)
  }

  /// Whether it is not yet a release.
  public var isPrerelease: Bool { !prerelease.isEmpty }

  /// Whether this comes before another, as semver.org orders them: the build counts for nothing.
  func precedes(_ other: SemanticVersion) -> Bool {
    let (own, others) = ([major, minor, patch], [other.major, other.minor, other.patch])
    if own != others { return own.lexicographicallyPrecedes(others) }
    // A prerelease comes before its release.
    if prerelease.isEmpty || other.prerelease.isEmpty { return !prerelease.isEmpty && other.prerelease.isEmpty }
    return prerelease.lexicographicallyPrecedes(other.prerelease)
  }
}

extension SemanticVersion: Comparable {
  /// By precedence; builds of one version by their text, so that every list has one order.
  public static func < (a: SemanticVersion, b: SemanticVersion) -> Bool {
    if a.precedes(b) { return true }
    return !b.precedes(a) && a.build < b.build
  }
}

extension SemanticVersion.Identifier: Comparable {
  var text: String {
    switch self {
    case .number(let number): String(number)
    case .word(let word): word
    }
  }

  /// Numbers before words.
  public static func < (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.number(let a), .number(let b)): a < b
    case (.number, .word): true
    case (.word, .number): false
    case (.word(let a), .word(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
    }
  }
}

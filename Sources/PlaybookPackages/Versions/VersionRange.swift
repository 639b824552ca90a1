/// Versions that are good enough: `^1.2`, `~1.2.3`, `>=1.0 <2`, `1.x`, `1.2.3`, `*`, and several of them with `||`.
///
/// They mean what npm's mean. A prerelease is in a range only where the range itself names one of the same
/// `major.minor.patch`: `>=1.0.0-rc.1` takes `1.0.0-rc.2`, and not `1.1.0-rc.1`.
public struct VersionRange: Sendable, Hashable, CustomStringConvertible {
  /// Longest text of a range, in bytes.
  static let maximumLength = 256

  /// One bound of versions.
  struct Bound: Sendable, Hashable {
    enum Relation: String, Sendable, Hashable {
      case less = "<"
      case atMost = "<="
      case equal = "="
      case atLeast = ">="
      case greater = ">"
    }

    let relation: Relation
    let version: SemanticVersion

    func admits(_ candidate: SemanticVersion) -> Bool {
      let isBefore = candidate.precedes(version)
      let isAfter = version.precedes(candidate)
      return switch relation {
      case .less: isBefore
      case .atMost: !isAfter
      case .equal: !isBefore && !isAfter
      case .atLeast: !isBefore
      case .greater: isAfter
      }
    }
  }

  /// A version fits when it is within all bounds of one of these.
  let alternatives: [[Bound]]
  public let description: String

  init(alternatives: [[Bound]], description: String) {
    self.alternatives = alternatives
    self.description = description
  }

  /// Every version but prereleases.
  public static let any = VersionRange(
    alternatives: [[Bound(relation: .atLeast, version: SemanticVersion(0, 0, 0))]], description: "*")

  /// Whether a version is in the range.
  public func contains(_ version: SemanticVersion) -> Bool {
    alternatives.contains { bounds in
      bounds.allSatisfy { $0.admits(version) }
        && (!version.isPrerelease || bounds.contains { $0.version.isPrerelease(like: version) })
    }
  }
}

extension SemanticVersion {
  /// Whether this is a prerelease, of the same version to be.
  fileprivate func isPrerelease(like other: SemanticVersion) -> Bool {
    isPrerelease && [major, minor, patch] == [other.major, other.minor, other.patch]
  }

  /// What comes before every other prerelease of a version: where the versions before it end.
  static let first: [Identifier] = [.number(0)]
}

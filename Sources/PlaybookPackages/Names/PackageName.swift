/// The name of a package: `acme/rotate`.
public struct PackageName: Sendable, Hashable, CustomStringConvertible {
  /// Longest owner, and longest name, in bytes.
  static let maximumLength = 40

  public let owner: String
  public let name: String

  /// Reads `owner/name`: both of lower-case letters, digits and single hyphens between them.
  ///
  /// - Throws: ``PackageError`` of kind `usage`.
  public init(_ text: String) throws(PackageError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts.allSatisfy(Self.isPlain) else {
      throw PackageError(
        .usage, "'\(text.shownName)' is no package's name",
        hint: "write owner/name, of lower-case letters, digits and hyphens, at most \(Self.maximumLength) each")
    }
    owner = parts[0]
    name = parts[1]
  }

  public var description: String { "\(owner)/\(name)" }

  /// What `require` takes for the package's own module: `acme.rotate`.
  public var module: String { "\(owner).\(name)" }

  /// Its name in that of a single file: `acme-rotate`.
  var fileName: String { "\(owner)-\(name)" }

  private static func isPlain(_ part: String) -> Bool {
    guard !part.isEmpty, part.utf8.count <= maximumLength else { return false }
    var previous = UInt8(ascii: "-")
    for byte in part.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): break
      case UInt8(ascii: "-") where previous != byte: break
      default: return false
      }
      previous = byte
    }
    return previous != UInt8(ascii: "-")
  }
}

extension PackageName: Comparable {
  public static func < (a: PackageName, b: PackageName) -> Bool { a.description < b.description }
}

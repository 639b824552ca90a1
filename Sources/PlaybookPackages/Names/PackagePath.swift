internal import Foundation
internal import GatewayAPI

/// Where a file lies in its package: `waves.lua`, `lib/probe.lua`.
///
/// What can be one is a name that every file system can hold and no reader can take for another's: below the package,
/// no blanks at the ends of its parts, no characters that cannot be seen. It is taken apart by bytes, as the kernel does
/// it: to a string, a slash with an accent is another character.
struct PackagePath: Sendable, Hashable, CustomStringConvertible {
  /// Longest path in bytes: what the header of an archive can name with room to spare.
  static let maximumLength = 140
  /// Longest part of a path, in bytes.
  static let maximumPartLength = 100
  static let maximumDepth = 12

  let description: String
  let parts: [String]
  /// Whether it, or a folder that it is in, begins with a dot: such files are never a package's.
  let isHidden: Bool

  /// - Parameter isBelowFolder: whether it lies in one more folder, which is taken away: as in an archive.
  /// - Throws: ``PackageError`` of kind `refused`, which tells what is wrong.
  init(_ text: String, isBelowFolder: Bool = false) throws(PackageError) {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
    if let reason = Self.reason(against: text, parts, isBelowFolder: isBelowFolder) {
      throw PackageError(.refused, "a file cannot be called '\(text.shownName)': \(reason)")
    }
    description = text
    self.parts = parts.map { String(decoding: $0, as: UTF8.self) }
    isHidden = parts.contains { $0.first == UInt8(ascii: ".") }
  }

  private static func reason(against text: String, _ parts: [[UInt8]], isBelowFolder: Bool) -> String? {
    let maximumLength = maximumLength + (isBelowFolder ? maximumPartLength + 1 : 0)
    let maximumDepth = maximumDepth + (isBelowFolder ? 1 : 0)
    if text.isEmpty { return "the name is empty" }
    if text.utf8.first == UInt8(ascii: "/") { return "it is absolute" }
    if text.utf8.count > maximumLength { return "it is longer than \(maximumLength) bytes" }
    if text.hasInvisibleCharacters { return "it holds characters that cannot be seen" }
    if text.utf8.contains(UInt8(ascii: "\\")) { return "it holds a backslash" }
    // Then names that are equal to people are equal to the byte.
    if !text.precomposedStringWithCanonicalMapping.utf8.elementsEqual(text.utf8) {
      return "its letters with accents are not composed (Unicode NFC)"
    }
    if parts.count > maximumDepth { return "it is more than \(maximumDepth) folders deep" }
    for part in parts {
      if part.isEmpty { return "a part of it is empty" }
      if part == dot || part == dot + dot { return "it leads elsewhere with '\(part == dot ? "." : "..")'" }
      if part.count > maximumPartLength { return "a part of it is longer than \(maximumPartLength) bytes" }
      if part.first == UInt8(ascii: " ") || part.last == UInt8(ascii: " ") || part.last == dot[0] {
        return "a part of it begins or ends with a blank, or ends with a dot"
      }
    }
    // Then no reader, and no code that goes by characters, takes it apart in another way.
    if text.split(separator: "/", omittingEmptySubsequences: false).count != parts.count || startsWithMark(parts) {
      return "a part of it begins or ends with a mark that joins another character"
    }
    return nil
  }

  private static let dot = [UInt8(ascii: ".")]

  private static func startsWithMark(_ parts: [[UInt8]]) -> Bool {
    parts.contains { part in
      switch String(decoding: part, as: UTF8.self).unicodeScalars.first?.properties.generalCategory {
      case .nonspacingMark?, .spacingMark?, .enclosingMark?: true
      default: false
      }
    }
  }

  /// Why a file of this name cannot lie on every file system; nil when it can.
  var reasonAgainstSharing: String? {
    for part in parts {
      if let odd = part.unicodeScalars.first(where: { ":*?\"<>|".unicodeScalars.contains($0) }) {
        return "Windows has no names with '\(odd)'"
      }
      let stem = part.prefix { $0 != "." }.lowercased()
      if stem.wholeMatch(of: /con|prn|aux|nul|com[0-9]|lpt[0-9]/) != nil { return "Windows has a device '\(stem)'" }
    }
    return nil
  }
}

extension PackagePath {
  static func == (a: PackagePath, b: PackagePath) -> Bool { a.description == b.description }

  func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

extension PackagePath: Comparable {
  /// By bytes.
  static func < (a: PackagePath, b: PackagePath) -> Bool {
    a.description.utf8.lexicographicallyPrecedes(b.description.utf8)
  }
}

extension String {
  /// A name that may be anything, for messages: short, and what cannot be seen as blanks.
  var shownName: String {
    String(String.UnicodeScalarView(prefix(200).unicodeScalars.map { $0.isInvisible ? " " : $0 }))
  }
}

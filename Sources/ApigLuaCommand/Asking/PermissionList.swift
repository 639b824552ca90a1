internal import Foundation
internal import GatewayAPI
internal import Yams

/// The `permissions: allow:` of a project's file, and how one more gets into it.
enum PermissionList {
  /// Adds a permission to a file, which is made when there is none; all else in it stays as it is, byte by byte.
  ///
  /// - Returns: whether it stands there now; a file of a form that this cannot add to is left alone.
  static func add(_ permission: Permission, to path: String) -> Bool {
    let text: String
    if FileManager.default.fileExists(atPath: path) {
      guard let present = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
      text = present
    } else {
      text = ""
    }
    let wanted = list(in: text).map { $0 + [permission.description] }
    guard let wanted,
      let changed = candidates(text, "\"\(permission)\"").first(where: { list(in: $0) == wanted })
    else { return false }
    return (try? changed.write(toFile: path, atomically: true, encoding: .utf8)) != nil
  }

  /// What is allowed by a file's text; nil for what cannot be read.
  private static func list(in text: String) -> [String]? {
    if text.allSatisfy(\.isWhitespace) { return [] }
    guard let root = try? Yams.compose(yaml: text) else { return nil }
    guard let permissions = root["permissions"] else { return root.mapping == nil ? nil : [] }
    guard let allow = permissions["allow"] else { return permissions.mapping == nil ? nil : [] }
    return allow.sequence?.map { $0.string ?? "" }
  }

  /// The text with the entry added, in every form it may have: only one that reads as it should counts.
  private static func candidates(_ text: String, _ entry: String) -> [String] {
    let ended = text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
    var candidates = [ended + "permissions:\n  allow:\n    - \(entry)\n"]
    let lines = ended.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (index, line) in lines.enumerated() {
      let indent = String(line.prefix { $0 == " " })
      if line.contains("["), let bracket = line.lastIndex(of: "]") {
        for separator in [", ", ""] {
          candidates.append(replacing(index, [line[..<bracket] + "\(separator)\(entry)" + line[bracket...]], in: lines))
        }
      } else if line.dropFirst(indent.count).hasPrefix("- ") {
        candidates.append(replacing(index, [line[...], "\(indent)- \(entry)"], in: lines))
      } else if line.hasPrefix("permissions:") {
        candidates.append(replacing(index, [line[...], "  allow: [\(entry)]"], in: lines))
      }
    }
    return candidates
  }

  private static func replacing(_ index: Int, _ new: [Substring], in lines: [String]) -> String {
    (lines[..<index] + new.map(String.init) + lines[(index + 1)...]).joined(separator: "\n")
  }
}

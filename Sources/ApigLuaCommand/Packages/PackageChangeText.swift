internal import GatewayAPI
internal import PlaybookPackages

/// What would become of packages, for people.
struct PackageChangeText {
  /// So many lines that differ are shown with the files' names; more are only counted.
  private static let maximumLines = 80

  let style: Style

  /// - Parameter showsCode: whether the lines that differ are shown where they are few.
  func text(of changes: [PackageChange], showsCode: Bool) -> String {
    changes.map { text(of: $0, showsCode: showsCode) }.joined()
  }

  private func text(of change: PackageChange, showsCode: Bool) -> String {
    guard let after = change.after else {
      return "  - \(change.name) \(change.before?.version.description ?? "")\n"
    }
    let versions =
      change.before.map { $0.version == after.version ? "" : "\($0.version) \(style.arrow) " } ?? ""
    var lines = [
      "  \(change.before == nil ? "+" : "~") \(change.name) \(versions)\(after.version)   "
        + change.signature.description
    ]
    lines.append("      from " + Self.origin(after.origin))
    if let summary = change.package?.manifest.summary, !summary.isEmpty { lines.append("      \(summary)") }
    if change.replacesPublishedFiles {
      lines.append("      " + style.text("the version is the same, and the files are not", .waiting))
    }
    lines += change.newPermissions.map { "      " + style.text("wants \($0)", .waiting) }
    lines += change.droppedPermissions.map { "      no longer \(change.asks(for: $0) ? "gets" : "wants") \($0)" }
    lines += after.withheld.map { "      does not get \($0)" }
    if change.before == nil {
      let count = change.package?.tree.files.count ?? 0
      lines.append("      \(count) file\(count == 1 ? "" : "s"), sha256 \(after.digest.prefix(12))\(style.ellipsis)")
    } else {
      lines += Self.files(change.difference)
    }
    var text = lines.map { $0 + "\n" }.joined()
    if showsCode, change.before != nil {
      let code = change.difference.unifiedText
      if code.utf8.count(where: { $0 == UInt8(ascii: "\n") }) <= Self.maximumLines { text += code }
    }
    return text
  }

  /// "git+https://… v2.1.0 (0a1b2c3d4e)".
  static func origin(_ origin: PackageOrigin) -> String {
    let name = origin.reference.map { " " + ($0.split(separator: "/", maxSplits: 2).last.map(String.init) ?? $0) } ?? ""
    return origin.address + name + (origin.commit.map { " (\($0.prefix(10)))" } ?? "")
  }

  private static func files(_ difference: TreeDifference) -> [String] {
    difference.files.map { file in
      let counts = file.lines.map { " +\($0.addedCount) -\($0.removedCount)" } ?? ""
      return "      \(file.state.rawValue) \(file.name)\(counts)"
    }
  }
}

extension DefinitionDiff {
  /// A version that runs, where only its definition's digest is known.
  public struct Running: Sendable, Hashable {
    public let digest: String
    public let versionNumber: String?

    public init(digest: String, versionNumber: String?) {
      self.digest = digest
      self.versionNumber = versionNumber
    }
  }

  /// Compares what runs by digests: that something differs, not how.
  ///
  /// What is gone counts as breaking; what changed may or may not be.
  ///
  /// - Parameters:
  ///   - left: by the API's name.
  ///   - right: the same.
  public init(fromDigests left: [String: Running], to right: [String: Running]) {
    let changes = Set(left.keys).union(right.keys).sorted().compactMap { name -> DefinitionChange? in
      let (before, after) = (left[name], right[name])
      if let before, let after, before.digest == after.digest { return nil }
      let kind: DefinitionChange.Kind = before == nil ? .added : after == nil ? .removed : .changed
      let text =
        switch kind {
        case .added: "API added"
        case .removed: "API removed"
        case .changed: "the definition differs"
        }
      return DefinitionChange(
        kind, path: name, findings: [.init(text: text, isBreaking: kind == .removed)],
        leftVersion: before?.versionNumber, rightVersion: after?.versionNumber)
    }
    self.init(changes: changes)
  }
}

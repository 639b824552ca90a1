public import GatewayAPI

extension DefinitionDiff {
  /// Compares two definitions operation by operation.
  ///
  /// An operation is known by its method and path; the names of a path's parameters are no part of it. What counts as
  /// breaking is what callers of the left side notice: an operation, media type or awaited response that is gone, more
  /// that is asked of them, less that is accepted, less or other that comes back.
  public init(from left: OpenAPIDefinition, to right: OpenAPIDefinition) {
    var unmatched = right.operations
    var pairs: [(left: DefinedOperation, right: DefinedOperation)] = []
    var removed: [DefinedOperation] = []
    func match(_ operations: [DefinedOperation], _ find: (DefinedOperation) -> OperationKey?) -> [DefinedOperation] {
      operations.filter { operation in
        guard let key = find(operation), let partner = unmatched.removeValue(forKey: key) else { return true }
        pairs.append((operation, partner))
        return false
      }
    }
    removed = match(left.operations.values.sorted { $0.key < $1.key }) { $0.key }
    removed = match(removed) { operation in
      let shape = operation.key.shape
      guard Self.only(removed.map(\.key), where: { $0.shape == shape }) != nil else { return nil }
      return Self.only(unmatched.keys) { $0.shape == shape }
    }
    // A single method and all methods at once stand for each other where nothing else is left at the path.
    removed = match(removed) { operation in
      let path = operation.key.shape.path
      guard Self.only(removed.map(\.key), where: { $0.shape.path == path }) != nil,
        let key = Self.only(unmatched.keys, where: { $0.shape.path == path }),
        operation.key.method == OperationKey.anyMethod || key.method == OperationKey.anyMethod
      else { return nil }
      return key
    }
    var changes = pairs.compactMap { pair in
      Self.change(pair.left, pair.right, left.references, right.references)
    }
    changes += removed.map { operation in
      DefinitionChange(
        .removed, operation, [DefinitionChange.Finding(text: "operation removed", isBreaking: true)],
        leftVersion: operation.versionNumber)
    }
    changes += unmatched.values.map { operation in
      DefinitionChange(
        .added, operation, [DefinitionChange.Finding(text: "operation added", isBreaking: false)],
        rightVersion: operation.versionNumber)
    }
    let document = ValueDifference.all(from: .object(left.extensions), to: .object(right.extensions), at: "")
    self.init(
      changes: document.map(DefinitionChange.init)
        + changes.sorted { ($0.path, $0.method ?? "") < ($1.path, $1.method ?? "") })
  }

  /// Compares two histories, or one at two moments, version by version.
  ///
  /// - Parameters:
  ///   - left: records of versions.
  ///   - right: the same.
  public init(fromHistory left: [APIVersion], to right: [APIVersion]) {
    func byID(_ versions: [APIVersion]) -> [String: APIVersion] {
      Dictionary(versions.compactMap { version in version.versionID.map { ($0, version) } }) { first, _ in first }
    }
    let (old, new) = (byID(left), byID(right))
    let changes = Set(old.keys).union(new.keys).compactMap { id -> DefinitionChange? in
      let (before, after) = (old[id], new[id])
      let title = "version \((after ?? before)?.versionNumber ?? id)"
      guard let before, let after else {
        let isEffective = (before ?? after)?.isEffective == true ? ", effective" : ""
        return DefinitionChange(
          before == nil ? .added : .removed, path: title, api: (before ?? after)?.apiID,
          findings: [.init(text: before == nil ? "added\(isEffective)" : "removed\(isEffective)", isBreaking: false)],
          leftVersion: before?.versionNumber, rightVersion: after?.versionNumber)
      }
      let differences = ValueDifference.all(from: before.document, to: after.document, at: "")
      guard !differences.isEmpty else { return nil }
      let findings = differences.map { difference in
        let text =
          difference.path == "status"
          ? (after.isEffective ? "effective now" : "no longer effective") : difference.text
        return DefinitionChange.Finding(text: text, isBreaking: false)
      }
      return DefinitionChange(
        .changed, path: title, api: after.apiID, findings: findings, leftVersion: before.versionNumber,
        rightVersion: after.versionNumber)
    }
    self.init(changes: changes.sorted { $0.path < $1.path })
  }

  /// Compares two values member by member; nothing of it is breaking, for nobody knows what it means.
  public init(fromValue left: Document, to right: Document) {
    self.init(changes: ValueDifference.all(from: left, to: right, at: "").map(DefinitionChange.init))
  }

  private static func change(
    _ old: DefinedOperation, _ new: DefinedOperation, _ left: DefinitionReferences, _ right: DefinitionReferences
  ) -> DefinitionChange? {
    let findings = OperationComparison(old, new, left: left, right: right).findings
    guard !findings.isEmpty else { return nil }
    return DefinitionChange(
      .changed, new, findings, leftVersion: old.versionNumber, rightVersion: new.versionNumber)
  }

  private static func only(
    _ keys: some Sequence<OperationKey>, where isMeant: (OperationKey) -> Bool
  ) -> OperationKey? {
    let found = keys.filter(isMeant)
    return found.count == 1 ? found[0] : nil
  }
}

extension DefinitionChange {
  fileprivate init(
    _ kind: Kind, _ operation: DefinedOperation, _ findings: [Finding], leftVersion: String? = nil,
    rightVersion: String? = nil
  ) {
    self.init(
      kind, method: operation.key.method, path: operation.key.path, api: operation.name, findings: findings,
      leftVersion: leftVersion, rightVersion: rightVersion)
  }

  fileprivate init(_ difference: ValueDifference) {
    self.init(
      difference.left == nil ? .added : difference.right == nil ? .removed : .changed, path: difference.path,
      findings: [Finding(text: difference.values, isBreaking: false)])
  }
}

internal import GatewayAPI
internal import PlaybookPackages

extension PackageChange {
  static let columns = ["change", "package", "before", "after", "signer", "new_permissions"]

  /// What happens to it, in a word.
  var word: String {
    guard isChange else { return "unchanged" }
    return before == nil ? "added" : after == nil ? "removed" : "updated"
  }

  var cells: [String] {
    [
      word, name.description, before?.version.description ?? "", after?.version.description ?? "",
      after?.signer?.identity ?? "", newPermissions.map(\.description).joined(separator: " "),
    ]
  }

  /// - Parameter showsCode: whether the difference of the files comes with it.
  func document(showsCode: Bool = false) -> Document {
    var members: [String: Document] = [
      "change": .string(word), "package": .string(name.description),
      "new_permissions": .strings(newPermissions.map(\.description)),
      "dropped_permissions": .strings(droppedPermissions.map(\.description)),
    ]
    members["before"] = before?.document
    members["after"] = after?.document
    if isChange {
      members["files"] = .array(
        difference.files.map { file in
          var members: [String: Document] = ["name": .string(file.name), "state": .string(file.state.rawValue)]
          members["added_lines"] = file.lines.map { .integer(Int64($0.addedCount)) }
          members["removed_lines"] = file.lines.map { .integer(Int64($0.removedCount)) }
          return .object(members)
        })
    }
    if showsCode { members["difference"] = .string(difference.unifiedText) }
    return .object(members)
  }
}

extension LockedPackage {
  var document: Document {
    var members: [String: Document] = [
      "name": .string(name.description), "version": .string(version.description), "source": .string(origin.address),
      "sha256": .string(digest), "permissions": .strings(permissions.map(\.description)),
      "dependencies": .object(
        Dictionary(uniqueKeysWithValues: dependencies.map { ($0.key.description, .string($0.value.description)) })),
    ]
    members["request"] = request.map { .string($0.description) }
    members["reference"] = origin.reference.map(Document.string)
    members["commit"] = origin.commit.map(Document.string)
    members["signer"] = signer.map { .string($0.identity) }
    members["signer_key"] = signer.map { .string($0.key) }
    return .object(members)
  }
}

extension Document {
  fileprivate static func strings(_ texts: [String]) -> Document { .array(texts.map(Document.string)) }
}

extension CommandResult {
  /// What became of packages.
  init(_ changes: [PackageChange], showsCode: Bool = false) {
    self.init(
      event: "package", document: .array(changes.map { $0.document(showsCode: showsCode) }),
      table: DataTable(columns: PackageChange.columns, rows: changes.map(\.cells)))
  }
}

extension [PackageChange] {
  /// One line for each that changed, for people.
  var summary: String {
    TextTable(
      columns: [],
      rows: filter(\.isChange).map {
        [$0.word, $0.name.description, ($0.after ?? $0.before)?.version.description ?? ""]
      },
      indent: ""
    ).bodyText
  }
}

public import GatewayAPI

/// Which version of every API an environment ran at one moment: what a restore goes back to.
public struct EnvironmentSnapshot: Sendable, Hashable {
  public struct Entry: Sendable, Hashable {
    public var apiID: String
    public var name: String?
    public var group: String?
    public var versionID: String
    public var versionNumber: String?
    /// RFC 3339, UTC.
    public var publishTime: String?
    /// Of the version's definition: equal digests, equal definitions.
    public var digest: String
  }

  /// The gateway's name where the snapshot was taken.
  public var gateway: String
  public var environmentID: String
  public var environmentName: String
  /// The only group it covers; nil for all.
  public var group: String?
  public var takenAt: String
  /// By group and name.
  public var entries: [Entry]
}

extension EnvironmentSnapshot {
  static let kind: Document = "environment snapshot"
  static let schema: Document = 1

  /// As it is kept in a file.
  public var document: Document { .object(head.merging(["apis": .array(entries.map(\.document))]) { $1 }) }

  /// The same as text with one API per line, so that two of them compare with ordinary tools.
  public var text: String {
    let apis = entries.map(\.document.jsonText).joined(separator: ",\n")
    return "\(Document.object(head).jsonText.dropLast()),\"apis\":[\n\(apis)\n]}\n"
  }

  private var head: [String: Document] {
    [
      "schema": Self.schema, "kind": Self.kind, "gateway": .string(gateway), "taken_at": .string(takenAt),
      "group": group.map(Document.string) ?? .null,
      "env": ["id": .string(environmentID), "name": .string(environmentName)],
    ]
  }

  /// Whether a value calls itself a snapshot.
  public static func isSnapshot(_ document: Document) -> Bool { document["kind"] == kind }

  /// - Throws: ``SnapshotUnreadable``.
  public init(document: Document) throws(SnapshotUnreadable) {
    guard Self.isSnapshot(document) else { throw SnapshotUnreadable(reason: "it is no snapshot of an environment") }
    guard document["schema"] == Self.schema else {
      throw SnapshotUnreadable(reason: "it is of another version: schema \(document["schema"]?.jsonText ?? "missing")")
    }
    gateway = try Self.text("gateway", of: document, "the snapshot")
    takenAt = try Self.text("taken_at", of: document, "the snapshot")
    group = document["group"]?.stringValue
    environmentID = try Self.text("id", of: document["env"] ?? .null, "env")
    environmentName = try Self.text("name", of: document["env"] ?? .null, "env")
    guard let apis = document["apis"]?.arrayValue else { throw SnapshotUnreadable(reason: "it has no list 'apis'") }
    var entries: [Entry] = []
    for (index, api) in apis.enumerated() {
      let place = "apis[\(index)]"
      entries.append(
        Entry(
          apiID: try Self.text("api_id", of: api, place), name: api["name"]?.stringValue,
          group: api["group"]?.stringValue, versionID: try Self.text("version_id", of: api, place),
          versionNumber: api["version_no"]?.stringValue, publishTime: api["publish_time"]?.stringValue,
          digest: try Self.text("digest", of: api, place)))
    }
    self.entries = entries
  }

  private static func text(
    _ member: String, of document: Document, _ place: String
  ) throws(SnapshotUnreadable) -> String {
    guard let text = document[member]?.stringValue, !text.isEmpty else {
      throw SnapshotUnreadable(reason: "\(place) has no '\(member)'")
    }
    return text
  }
}

extension EnvironmentSnapshot.Entry {
  fileprivate var document: Document {
    [
      "api_id": .string(apiID), "name": text(name), "group": text(group), "version_id": .string(versionID),
      "version_no": text(versionNumber), "publish_time": text(publishTime), "digest": .string(digest),
    ]
  }

  private func text(_ value: String?) -> Document { value.map(Document.string) ?? .null }
}

/// Why a file is no snapshot.
public struct SnapshotUnreadable: Error, Sendable, Hashable {
  /// "apis[3] has no 'version_id'"
  public let reason: String
}

internal import GatewayAPI

/// Which version an environment runs, as far as the run knows.
public enum RunningVersion: Sendable, Hashable {
  /// The run did not look.
  case notRead
  /// The API is not published there.
  case none
  /// It is published since then (RFC 3339), as a list told; which version that is was not read.
  case published(since: String)
  case version(id: String, number: String?)

  public var id: String? {
    guard case .version(let id, _) = self else { return nil }
    return id
  }

  public var number: String? {
    guard case .version(_, let number) = self else { return nil }
    return number
  }

  /// Whether both are one version, whatever else is known of it.
  func isSame(as other: RunningVersion) -> Bool { id.map { $0 == other.id } ?? (self == other) }
}

extension RunningVersion {
  init(_ version: APIVersion?) {
    if let version, let id = version.versionID {
      self = .version(id: id, number: version.versionNumber)
    } else {
      self = .none
    }
  }

  /// The version as the journal keeps it.
  var document: Document {
    switch self {
    case .notRead: .null
    case .none: ["published": false]
    case .published(let since): ["published": true, "publish_time": .string(since)]
    case .version(let id, let number):
      ["published": true, "version_id": .string(id), "version_no": number.map(Document.string) ?? .null]
    }
  }

  init(document: Document) {
    if let id = document["version_id"]?.stringValue {
      self = .version(id: id, number: document["version_no"]?.stringValue)
    } else if let since = document["publish_time"]?.stringValue {
      self = .published(since: since)
    } else {
      self = document["published"] == false ? .none : .notRead
    }
  }
}

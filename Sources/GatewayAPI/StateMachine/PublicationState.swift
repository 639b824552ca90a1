/// How one API stands in one environment, and what publishing, taking offline and switching make of it.
///
///     publish:  draft ──▶ new version, effective        (the oldest not effective one beyond ten goes)
///     offline:  effective ──▶ none                      (the versions stay)
///     switch:   kept version ──▶ effective
///
/// A value without any I/O: the server runs it inside a transaction, and a plan can run it over what it has read.
public struct PublicationState: Sendable, Hashable {
  /// The most versions that are kept.
  public static let maximumVersions = 10

  public struct Version: Sendable, Hashable {
    public let id: String
    /// A label made of the local time, unique per API.
    public let number: String

    public init(id: String, number: String) {
      self.id = id
      self.number = number
    }
  }

  /// Where the documentation is silent, what this gateway does.
  public struct Rules: Sendable, Hashable {
    /// Whether versions survive being taken offline.
    public var keepsHistoryAfterOffline = true
    /// Whether a switch publishes again what is offline.
    public var switchPublishesWhenOffline = true

    public init() {}
  }

  /// Why a transition is not possible.
  public enum Refusal: Error, Sendable, Hashable {
    case notPublished
    case unknownVersion
  }

  /// Newest first.
  public private(set) var versions: [Version]
  public private(set) var effectiveID: String?

  public init(versions: [Version] = [], effectiveID: String? = nil) {
    self.versions = versions
    self.effectiveID = effectiveID
  }

  /// Adds a version and makes it the effective one.
  ///
  /// - Returns: the versions that had to go.
  public mutating func publish(_ version: Version) -> [Version] {
    versions.insert(version, at: 0)
    effectiveID = version.id
    var dropped: [Version] = []
    while versions.count > Self.maximumVersions {
      guard let oldest = versions.lastIndex(where: { $0.id != effectiveID }) else { break }
      dropped.append(versions.remove(at: oldest))
    }
    return dropped
  }

  /// Leaves no version effective.
  ///
  /// - Returns: the version that was effective.
  public mutating func takeOffline(_ rules: Rules) throws(Refusal) -> String {
    guard let effective = effectiveID else { throw .notPublished }
    effectiveID = nil
    if !rules.keepsHistoryAfterOffline { versions = [] }
    return effective
  }

  /// Makes a kept version effective.
  public mutating func switchTo(_ id: String, _ rules: Rules) throws(Refusal) {
    guard versions.contains(where: { $0.id == id }) else { throw .unknownVersion }
    guard effectiveID != nil || rules.switchPublishesWhenOffline else { throw .notPublished }
    effectiveID = id
  }
}

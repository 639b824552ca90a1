public import GatewayAPI

/// What a local gateway holds: read from a YAML file, or taken from a gateway.
///
/// A snapshot is a seed that leaves nothing open: into an empty gateway it gives the same snapshot.
public struct Seed: Sendable, Hashable {
  /// Name of its file, for messages.
  var file: String
  var environments: [Environment]
  var groups: [Group]

  struct Environment: Sendable, Hashable {
    var place: Place?
    var id: String?
    var name: String
    var remark: String?
    var created: Timestamp?
  }

  struct Group: Sendable, Hashable {
    var place: Place?
    var id: String?
    var name: String
    var remark: String?
    var created: Timestamp?
    var changed: Timestamp?
    var apis: [API]
  }

  struct API: Sendable, Hashable {
    var place: Place?
    var id: String?
    var name: String
    /// As it is registered, but for name and group.
    var definition: [String: Document]
    var created: Timestamp?
    var changed: Timestamp?
    /// Oldest first.
    var versions: [Version]
  }

  struct Version: Sendable, Hashable {
    var place: Place?
    var id: String?
    var number: String?
    /// Name of its environment.
    var environment: String
    var remark: String?
    var time: Timestamp?
    /// nil where it is the draft's.
    var definition: [String: Document]?
    /// nil where the newest of an environment is meant.
    var isEffective: Bool?
    var publishID: String?
    /// When it became effective, where that is not when it was published.
    var effectiveSince: Timestamp?
  }

  /// Where in its file something stands.
  struct Place: Sendable, Hashable {
    let line: Int
    let column: Int
  }

  /// Reads a seed.
  ///
  /// - Parameters:
  ///   - text: YAML.
  ///   - file: its name, for messages.
  ///   - now: what `2 days ago` is counted from.
  /// - Throws: ``SeedError`` with line and column.
  public init(yaml text: String, file: String, now: Timestamp) throws(SeedError) {
    self = try SeedReader(file: file, now: now).seed(text)
  }

  init(file: String, environments: [Environment] = [], groups: [Group] = []) {
    self.file = file
    self.environments = environments
    self.groups = groups
  }

  /// How many APIs it makes.
  public var apiCount: Int { groups.reduce(0) { $0 + $1.apis.count } }
  public var groupCount: Int { groups.count }
}

/// What is wrong with a seed; nothing of it has been taken over.
public struct SeedError: Error, Sendable, Hashable, CustomStringConvertible {
  /// File, line and column: `seed.yaml:7:3`; the file alone where the place is not known.
  public var place: String
  /// What is wrong, one sentence without a full stop.
  public var message: String
  public var hint: String?

  public var description: String { "\(place): \(message)" }

  init(_ file: String, _ place: Seed.Place?, _ message: String, hint: String? = nil) {
    self.place = place.map { "\(file):\($0.line):\($0.column)" } ?? file
    self.message = message
    self.hint = hint
  }
}

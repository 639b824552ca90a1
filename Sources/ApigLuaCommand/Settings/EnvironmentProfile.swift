/// What a configuration file says of one environment of a gateway.
struct EnvironmentProfile: Sendable, Hashable {
  enum Protection: String, Sendable, CaseIterable {
    case none
    /// The first change of a run is asked for.
    case confirm
    /// And answered with the environment's name; no flag answers it.
    case typeName = "type-name"
  }

  let name: String
  /// Where it is written: "apig.yaml:12:7".
  let place: String
  /// Looked up by name when absent.
  var id: String?
  var protection = Protection.none
  /// Only what this environment runs may be published.
  var promoteFrom: String?

  init(name: String, place: String) {
    self.name = name
    self.place = place
  }

  /// Whether it is the one that a script means by a name or an ID.
  func isCalled(_ text: String) -> Bool { name == text || id == text }

  /// "protect: confirm, promote_from: STAGING"
  var summary: String {
    "protect: \(protection.rawValue)" + (promoteFrom.map { ", promote_from: \($0)" } ?? "")
  }
}

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

  /// "protect: confirm, promote_from: STAGING"
  var summary: String {
    "protect: \(protection.rawValue)" + (promoteFrom.map { ", promote_from: \($0)" } ?? "")
  }
}

extension Settings {
  /// The environment whose versions alone may be published into another; nil where everything may.
  ///
  /// - Parameter gateway: nil for the one that this invocation works on.
  func promotionSource(of environment: String, on gateway: String?) -> String? {
    gateways[gateway ?? gatewayName]?.environments.first { $0.name == environment }?.promoteFrom
  }
}

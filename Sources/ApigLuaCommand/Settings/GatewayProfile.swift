internal import GatewayAPI
internal import GatewayClient

/// One gateway of a configuration file.
struct GatewayProfile: Sendable, Hashable {
  /// The gateway that always exists.
  static let localName = "local"

  let name: String
  /// Where it is written: "apig.yaml:3:5".
  let place: String
  /// Where each of its values is written, by key.
  var places: [String: String] = [:]
  var endpoint: String?
  var region: String?
  var projectID: String?
  var instance: String?
  /// Name of the gateway, when its ID is not given.
  var instanceName: String?
  var product: GatewayProduct = .apigw
  /// Fastest sending.
  var rate: RequestRate?
  /// Name of the credentials to use.
  var profile: String?
  var identityEndpoint: String?
  /// How long after a change it may still serve what ran before; nil for what is usual.
  var propagation: Duration?
  /// What is said of its environments.
  var environments: [EnvironmentProfile] = []

  init(name: String, place: String) {
    self.name = name
    self.place = place
  }

  /// What is said of an environment: an entry with an ID is about that one alone, one without goes by the name.
  func environments(id: String, name: String) -> [EnvironmentProfile] {
    environments.filter { $0.id.map { $0 == id } ?? ($0.name == name) }
  }

  /// What protects an environment; of several entries about it the strictest holds.
  func protectedEnvironment(id: String, name: String) -> EnvironmentProfile? {
    let candidates = environments(id: id, name: name)
    return candidates.first { $0.protection == .typeName } ?? candidates.first { $0.protection == .confirm }
  }

  /// What this entry lacks.
  func missing(_ key: String, _ more: String) -> ConfigurationError {
    ConfigurationError(
      place: place, message: "gateway '\(name)' has no \(key)", hint: "add \(key): under it, \(more)")
  }
}

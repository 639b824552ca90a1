internal import GatewayAPI
internal import GatewayClient

/// One gateway of a configuration file.
struct GatewayProfile: Sendable, Hashable {
  /// The gateway that always exists.
  static let localName = "local"

  let name: String
  /// Where it is written: "apig.yaml:3".
  let place: String
  var endpoint: String?
  var region: String?
  var projectID: String?
  var instance: String?
  var product: GatewayProduct = .apigw
  /// Fastest sending.
  var rate: RequestRate?

  /// The address of the management API: as written, else made of the region.
  ///
  /// - Throws: ``ConfigurationError`` when neither is given.
  func endpointURL() throws -> String {
    if let endpoint { return endpoint }
    guard let region else {
      throw ConfigurationError(
        place: place, message: "gateway '\(name)' has no endpoint",
        hint: "add endpoint: https://apig.REGION.myhuaweicloud.com, or region: REGION")
    }
    let domain = region == "eu-west-101" ? "myhuaweicloud.eu" : "myhuaweicloud.com"
    return "https://\(product == .apigw ? "apig" : "roma").\(region).\(domain)"
  }

  /// What the paths of this gateway begin with.
  ///
  /// - Throws: ``ConfigurationError`` when a part is given neither here nor by the environment.
  func address(_ variables: EnvironmentVariables) throws -> GatewayAddress {
    guard let project = projectID ?? variables["HUAWEICLOUD_SDK_PROJECT_ID"] else {
      throw missing("project_id", "or set HUAWEICLOUD_SDK_PROJECT_ID")
    }
    guard let instance else { throw missing("instance", "the gateway's ID, shown in the console") }
    return GatewayAddress(projectID: project, product: product, instanceID: instance)
  }

  private func missing(_ key: String, _ more: String) -> ConfigurationError {
    ConfigurationError(
      place: place, message: "gateway '\(name)' has no \(key)", hint: "add \(key): under it, \(more)")
  }
}

/// The two products that share this API.
public enum GatewayProduct: String, Sendable, Hashable, CaseIterable {
  /// API Gateway (dedicated gateways).
  case apigw
  /// ROMA Connect.
  case apic

  /// The name people know it by.
  public var title: String {
    switch self {
    case .apigw: "API Gateway"
    case .apic: "ROMA Connect"
    }
  }
}

/// Which gateway of which project a request is for: what its path begins with.
public struct GatewayAddress: Sendable, Hashable {
  /// Project ID, 32 hexadecimal digits.
  public var projectID: String
  public var product: GatewayProduct
  /// ID of the gateway (the "instance" of the documentation).
  public var instanceID: String

  public init(projectID: String, product: GatewayProduct, instanceID: String) {
    self.projectID = projectID
    self.product = product
    self.instanceID = instanceID
  }
}

internal import GatewayAPI
internal import GatewayScripting

extension Settings {
  /// Whether a permission is about what the run turns to anyway: its gateway.
  ///
  /// What `local start` serves elsewhere on this machine is the local gateway too.
  func isOwnGateway(_ permission: Permission) -> Bool {
    guard permission.kind == .http else { return false }
    if let endpoint = gateways[gatewayName]?.endpoint {
      return WebOrigin(of: endpoint)?.description == permission.object
    }
    guard gatewayName == GatewayProfile.localName, let record = try? LocalGatewayRecord.current(variables) else {
      return false
    }
    return WebOrigin(of: LocalGatewayRecord.reachable(record.url))?.description == permission.object
  }
}

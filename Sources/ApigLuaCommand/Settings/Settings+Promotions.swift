extension Settings {
  /// Which environment a release comes from, by gateway and environment; nil where no `promote_from` is written at all.
  var promotionSource: (@Sendable (_ gateway: String?, _ environment: String) -> String?)? {
    let bound = gateways.mapValues { gateway in gateway.environments.filter { $0.promoteFrom != nil } }
    guard bound.values.contains(where: { !$0.isEmpty }) else { return nil }
    let ownGateway = gatewayName
    return { gateway, environment in
      bound[gateway ?? ownGateway]?.first { $0.name == environment || $0.id == environment }?.promoteFrom
    }
  }
}

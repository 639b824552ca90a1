internal import GatewayScripting

extension Settings {
  /// Which environment a release comes from; nil where no `promote_from` is written at all.
  var promotionSource: PromotionSource? {
    guard gateways.values.contains(where: { $0.environments.contains { $0.promoteFrom != nil } }) else { return nil }
    return { [gateways, gatewayName] gateway, id, name in
      guard let profile = gateways[gateway ?? gatewayName],
        let source = profile.environments(id: id, name: name).compactMap(\.promoteFrom).first
      else { return nil }
      return profile.environments.first { $0.name == source }?.id ?? source
    }
  }
}

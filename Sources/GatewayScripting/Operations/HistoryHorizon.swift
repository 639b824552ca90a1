internal import GatewayAPI

/// What the gateway no longer tells.
struct HistoryHorizon: Sendable {
  /// Versions that the gateway keeps per API and environment.
  static let keptVersions = 10

  /// How many versions a list has brought, by environment.
  private var versions: [String?: Int] = [:]

  mutating func note(_ items: [some GatewayRecord]) {
    for case let version as APIVersion in items { versions[version.environmentID, default: 0] += 1 }
  }

  /// Whether no environment's history is so long that older versions may have been dropped.
  var isInView: Bool { versions.values.allSatisfy { $0 < Self.keptVersions } }
}

internal import GatewayAPI

/// What the gateway no longer tells.
enum HistoryHorizon {
  /// Versions that the gateway keeps per API and environment.
  static let keptVersions = 10

  /// Whether a list holds everything there ever was: read to its end and, for versions, with no environment's history
  /// so long that older ones may have been dropped.
  static func isComplete(_ items: [some GatewayRecord], total: Int, offset: Int?) -> Bool {
    guard (offset ?? 0) <= 0, items.count >= total else { return false }
    let versions = items.compactMap { $0 as? APIVersion }
    let perEnvironment = Dictionary(grouping: versions, by: \.environmentID)
    return perEnvironment.values.allSatisfy { $0.count < keptVersions }
  }
}

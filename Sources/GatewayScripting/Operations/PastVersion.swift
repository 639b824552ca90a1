internal import GatewayAPI
internal import LuaRuntime

/// `history:effective_at(t)`: which version an environment ran at a moment.
///
/// A history tells when each version was published and which is in effect now, nothing of switches and offlines
/// between. So the version published last before the moment is an inference; only where the version in effect now was
/// so before the moment, which a record of the API tells, is it known.
enum PastVersion {
  /// How sure an answer is.
  enum Certainty: String, CaseIterable {
    case exact, inferred
    /// The gateway may have had a version that it no longer keeps.
    case unknown
  }

  /// - Parameters:
  ///   - versions: of one environment, newest first.
  ///   - isComplete: whether the gateway has dropped none.
  ///   - api: the API as a list gives it now; nil when that is not known.
  /// - Returns: the version's place in the list; nil for none.
  /// - Throws: `GatewayError` of kind `usage` for versions of several environments.
  static func find(
    at moment: Timestamp, in versions: [APIVersion], isComplete: Bool, api: API?
  ) throws(GatewayError) -> (index: Int?, certainty: Certainty) {
    let environments = Set(versions.compactMap(\.environmentID))
    guard environments.count <= 1 else {
      throw CallOptions.usage(
        "'effective_at' needs the versions of one environment, these are of \(environments.count)",
        "name it: history { api = …, env = … }")
    }
    if let effective = versions.firstIndex(where: \.isEffective), let environment = environments.first,
      let since = api?.publishing(in: environment)?.publishTime.flatMap(Timestamp.init(_:)), since <= moment
    {
      return (effective, .exact)
    }
    let published = versions.indices.compactMap { index in
      versions[index].publishTime.flatMap(Timestamp.init(_:)).map { (index: index, time: $0) }
    }
    // Of two in one second the first, which is the newer.
    guard let last = published.filter({ $0.time <= moment }).max(by: { $0.time < $1.time }) else {
      return (nil, isComplete ? .exact : .unknown)
    }
    return (last.index, .inferred)
  }
}

public import GatewayAPI

/// How a script says which version of an API it means.
public enum VersionSelector: Sendable, Hashable {
  case id(String)
  /// The label `version_no`.
  case number(String)
  /// So many steps before the effective one: 1 is the one before.
  case stepsBack(Int)
}

extension VersionSelector {
  /// Whether the version can be named in a request without looking at the history first.
  public var needsHistory: Bool {
    guard case .id = self else { return true }
    return false
  }

  /// Picks the version out of an API's history, newest first.
  ///
  /// - Parameters:
  ///   - history: of one environment, or of all when `environment` is nil.
  ///   - api: the API's name, for messages.
  ///   - environment: the environment's name, for messages.
  /// - Throws: `GatewayError` of kind `not_found` or `usage`.
  public func select(
    from history: [APIVersion], api: String, environment: String?
  ) throws(GatewayError) -> APIVersion {
    let place = environment.map { " in \($0)" } ?? ""
    let kept = history.compactMap(\.versionNumber).joined(separator: ", ")
    let hint = history.isEmpty ? "it was never published\(place)" : "the gateway keeps: \(kept)"
    switch self {
    case .id(let id):
      guard let version = history.first(where: { $0.versionID == id }) else {
        throw GatewayError(kind: .notFound, message: "\(api) has no version \(id)\(place)", hint: hint, api: api)
      }
      return version
    case .number(let number):
      let found = history.filter { $0.versionNumber == number }
      guard let version = found.first else {
        throw GatewayError(kind: .notFound, message: "\(api) has no version \(number)\(place)", hint: hint, api: api)
      }
      guard found.count == 1 else {
        throw GatewayError(
          kind: .usage, message: "\(api) has \(found.count) versions \(number)\(place)",
          hint: environment == nil ? "give 'env' too" : "give version_id", api: api)
      }
      return version
    case .stepsBack(let steps):
      guard environment != nil else {
        throw GatewayError(kind: .usage, message: "a version counted back needs 'env'", api: api)
      }
      guard let effective = history.firstIndex(where: \.isEffective) else {
        throw GatewayError(
          kind: .notFound, message: "\(api) is not published\(place): there is no version to count back from", api: api)
      }
      guard history.indices.contains(effective + steps) else {
        throw GatewayError(
          kind: .notFound, message: "\(api) has no version \(steps) before the effective one\(place)", hint: hint,
          api: api)
      }
      return history[effective + steps]
    }
  }
}

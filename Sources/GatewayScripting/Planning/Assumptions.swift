internal import GatewayAPI

/// What a plan takes for granted where nobody can know: everything goes well, but for what is said here.
public struct Assumptions: Sendable, Hashable {
  /// Waves, from 1, whose changes fail.
  public var failingWaves: Set<Int> = []
  /// APIs, by name or ID, whose changes fail.
  public var failingAPIs: Set<String> = []
  /// Health checks, in the order in which the script makes them, from 1, that fail.
  public var failingHealthChecks: Set<Int> = []

  public init() {}

  /// - Parameter words: `fail=wave:2`, `fail=api:pay-refund`, `health=fail:3`.
  /// - Throws: ``AssumptionError``.
  public init(_ words: [String]) throws(AssumptionError) {
    for word in words {
      let parts = word.split(separator: /[=:]/, maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      let number = parts.count == 3 ? Int(parts[2]).flatMap { $0 > 0 ? $0 : nil } : nil
      switch (parts.first, parts.count > 1 ? parts[1] : nil) {
      case ("fail", "wave"):
        guard let number else { throw AssumptionError(word) }
        failingWaves.insert(number)
      case ("fail", "api"):
        guard parts.count == 3, !parts[2].isEmpty else { throw AssumptionError(word) }
        failingAPIs.insert(parts[2])
      case ("health", "fail"):
        guard let number else { throw AssumptionError(word) }
        failingHealthChecks.insert(number)
      default: throw AssumptionError(word)
      }
    }
  }

  public var isEmpty: Bool { self == Assumptions() }
}

/// Text that says no assumption.
public struct AssumptionError: Error, Sendable, Hashable {
  public let message: String
  public let hint = "there are fail=wave:N, fail=api:NAME and health=fail:N"

  init(_ word: String) { message = "'\(word)' is nothing that a plan can assume" }
}

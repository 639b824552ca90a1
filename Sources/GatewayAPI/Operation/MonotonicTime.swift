/// The time that waits are measured by and made in: the system's, or that of a test, in which waiting takes none.
public struct MonotonicTime: Sendable {
  public var now: @Sendable () -> ContinuousClock.Instant = { .now }
  /// Returns when so much of it has passed.
  ///
  /// - Throws: `CancellationError`.
  public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

  public init() {}
}

/// The time for an operation is over.
struct TimeoutExceeded: Error {}

/// Runs an operation, and cancels it when it takes too long.
///
/// - Throws: ``TimeoutExceeded``, or what the operation throws.
func withTimeout<Value: Sendable>(
  _ timeout: Duration, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await Task.sleep(for: timeout)
      throw TimeoutExceeded()
    }
    defer { group.cancelAll() }
    guard let value = try await group.next() else { throw CancellationError() }
    return value
  }
}

internal import GatewayAPI
internal import JointTasks
internal import Synchronization

/// Identical reads in flight share one request.
///
/// A read never joins one that began before a change was answered: who changed something sees it.
final class SharedReads: Sendable {
  private struct Key: Hashable {
    let request: GatewayRequest
    let urgency: RequestUrgency
    let changes: Int
  }

  /// Changes answered so far.
  private let changes = Mutex(0)
  private let flights = JointTasks<Key, GatewayResponse>()

  /// Reads that needed no request of their own.
  var joined: Int { flights.joined }

  /// Takes note that a change was answered, or its answer lost.
  func noteChange() { changes.withLock { $0 += 1 } }

  /// - Parameter send: carries the request out; not called when one like it is in flight.
  /// - Throws: what `send` throws; `CancellationError`.
  func response(
    to request: GatewayRequest, _ send: @escaping @Sendable () async throws -> GatewayResponse
  ) async throws -> GatewayResponse {
    let key = Key(request: request, urgency: .current, changes: changes.withLock(\.self))
    return try await flights.share(of: key, send).value()
  }
}

internal import GatewayAPI
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

  private typealias Flight = JointTask<Int, GatewayResponse>

  private struct State {
    /// Changes answered so far.
    var changes = 0
    var flights: [Key: Flight] = [:]
    var joined = 0
    var nextMember = 0
  }

  private let state = Mutex(State())

  /// Reads that needed no request of their own.
  var joined: Int { state.withLock { $0.joined } }

  /// Takes note that a change was answered, or its answer lost.
  func noteChange() { state.withLock { $0.changes += 1 } }

  /// - Parameter send: carries the request out; not called when one like it is in flight.
  /// - Throws: what `send` throws; `CancellationError`.
  func response(
    to request: GatewayRequest, _ send: @escaping @Sendable () async throws -> GatewayResponse
  ) async throws -> GatewayResponse {
    let (flight, ticket) = state.withLock { state -> (Flight, Flight.Ticket?) in
      let key = Key(request: request, urgency: .current, changes: state.changes)
      state.nextMember += 1
      if let flight = state.flights[key], let ticket = flight.join(state.nextMember) {
        state.joined += 1
        return (flight, ticket)
      }
      let flight = Flight()
      let ticket = flight.join(state.nextMember)
      state.flights[key] = flight
      flight.start { flight in
        defer { self.forget(flight, key) }
        return try await send()
      }
      return (flight, ticket)
    }
    guard let ticket else { throw CancellationError() }
    return try await flight.value(ticket)
  }

  private func forget(_ flight: Flight, _ key: Key) {
    state.withLock { if $0.flights[key] === flight { $0.flights[key] = nil } }
  }
}

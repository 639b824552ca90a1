public import GatewayAPI
public import GatewaySigning
internal import Synchronization

/// A credential that is fetched when it is first needed and again before it ends.
///
/// However many ask at once, one renewal serves them all. While the old credential is valid, nobody waits for the new
/// one, and a renewal that fails is tried again later. Cancelling an asker ends its waiting, not the renewal.
public final class RenewingCredential: CredentialProvider {
  private enum Waiter {
    case arriving
    case waiting(CheckedContinuation<GatewayAuthentication, any Error>)
    case served(Result<GatewayAuthentication, any Error>)
    case abandoned
  }

  private enum Turn {
    case use(GatewayAuthentication, startsRenewal: Bool)
    case wait(ticket: UInt64, startsRenewal: Bool)
  }

  private struct State {
    var schedule = RenewalSchedule()
    var isRenewing = false
    var nextTicket: UInt64 = 0
    var waiters: [UInt64: Waiter] = [:]

    /// What one asker does: the first that needs a renewal starts it, and whoever has nothing to use waits for it.
    mutating func turn(for decision: RenewalSchedule.Decision) -> Turn {
      if case .use(let authentication) = decision { return .use(authentication, startsRenewal: false) }
      let startsRenewal = !isRenewing
      isRenewing = true
      if case .useAndRenew(let authentication) = decision { return .use(authentication, startsRenewal: startsRenewal) }
      nextTicket += 1
      waiters[nextTicket] = .arriving
      return .wait(ticket: nextTicket, startsRenewal: startsRenewal)
    }
  }

  private let state = Mutex(State())
  private let now: @Sendable () -> Timestamp
  private let obtain: @Sendable () async throws -> IssuedCredential

  /// - Parameters:
  ///   - initial: what is there already; nil to fetch at the first request.
  ///   - now: the moment; tests set their own.
  ///   - obtain: fetches a new credential.
  public init(
    initial: IssuedCredential? = nil, now: @escaping @Sendable () -> Timestamp = { Timestamp.now() },
    obtain: @escaping @Sendable () async throws -> IssuedCredential
  ) {
    self.now = now
    self.obtain = obtain
    if let initial { state.withLock { $0.schedule.renewed(initial, at: now()) } }
  }

  /// - Throws: what fetching throws, to all who wait for it; `CancellationError`.
  public func authentication() async throws -> GatewayAuthentication {
    try Task.checkCancellation()
    let moment = now()
    return try await take(state.withLock { $0.turn(for: $0.schedule.decision(at: moment)) })
  }

  /// - Returns: nil when a new one was already fetched in place of this one, or is the same again.
  public func authentication(replacing refused: GatewayAuthentication) async throws -> GatewayAuthentication? {
    try Task.checkCancellation()
    let moment = now()
    let turn = state.withLock { state -> Turn? in
      // Whatever is on its way will be newer than what was refused.
      if state.isRenewing { return state.turn(for: .renew) }
      return state.schedule.decision(refusing: refused, at: moment).map { state.turn(for: $0) }
    }
    guard let turn else { return nil }
    let authentication = try await take(turn)
    return authentication == refused ? nil : authentication
  }

  // MARK: - One renewal for all

  private func take(_ turn: Turn) async throws -> GatewayAuthentication {
    switch turn {
    case .use(let authentication, let startsRenewal):
      if startsRenewal { startRenewal() }
      return authentication
    case .wait(let ticket, let startsRenewal):
      if startsRenewal { startRenewal() }
      return try await wait(ticket)
    }
  }

  private func startRenewal() {
    // Unstructured on purpose: it serves all who ask meanwhile, so the cancellation of the first must not end it.
    Task { await renew() }
  }

  private func renew() async {
    let result: Result<GatewayAuthentication, any Error>
    do {
      let issued = try await obtain()
      let moment = now()
      if let end = issued.expiresAt, end <= moment {
        throw GatewayError(
          kind: .unauthenticated, message: "the credential that was issued ended at \(end.text), before now",
          hint: "does this machine's clock show the time? It says \(moment.text)")
      }
      state.withLock { $0.schedule.renewed(issued, at: moment) }
      result = .success(issued.authentication)
    } catch {
      let moment = now()
      state.withLock { $0.schedule.failed(at: moment) }
      result = .failure(error)
    }
    let waiting = state.withLock { state in
      state.isRenewing = false
      var waiting: [CheckedContinuation<GatewayAuthentication, any Error>] = []
      for (ticket, waiter) in state.waiters {
        switch waiter {
        case .arriving: state.waiters[ticket] = .served(result)
        case .waiting(let continuation):
          waiting.append(continuation)
          state.waiters[ticket] = nil
        case .served, .abandoned: break
        }
      }
      return waiting
    }
    for continuation in waiting { continuation.resume(with: result) }
  }

  private func wait(_ ticket: UInt64) async throws -> GatewayAuthentication {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state -> Result<GatewayAuthentication, any Error>? in
          switch state.waiters[ticket] {
          case .served(let result):
            state.waiters[ticket] = nil
            return result
          case .abandoned:
            state.waiters[ticket] = nil
            return .failure(CancellationError())
          case .arriving, .waiting, nil:
            state.waiters[ticket] = .waiting(continuation)
            return nil
          }
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      abandon(ticket)
    }
  }

  private func abandon(_ ticket: UInt64) {
    let continuation = state.withLock { state -> CheckedContinuation<GatewayAuthentication, any Error>? in
      switch state.waiters[ticket] {
      case .arriving: state.waiters[ticket] = .abandoned
      case .waiting(let continuation):
        state.waiters[ticket] = nil
        return continuation
      case .served, .abandoned, nil: break
      }
      return nil
    }
    continuation?.resume(throwing: CancellationError())
  }
}

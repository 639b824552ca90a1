internal import GatewayAPI
internal import GatewaySigning
internal import GatewayTransport
internal import Logging

/// Carries one request to its answer: its turn, its credential, its tries.
struct RequestExchange: Sendable {
  let transport: HTTPTransport
  let endpoint: Endpoint
  let authorization: RequestAuthorization
  let credentials: any CredentialProvider
  let scheduler: RequestScheduler
  let policy: RetryPolicy
  let counters: ClientCounters
  let time: MonotonicTime
  let logger: Logger?
  let onEvent: @Sendable (ClientEvent) -> Void

  /// - Parameters:
  ///   - prepare: makes the request for each try, once its turn has come.
  ///   - afterTry: called when a try is over and another may follow: nothing is on its way then.
  /// - Returns: an answer, good or bad, that another try would not change.
  /// - Throws: `GatewayError` when there is none, with the tries it took; of kind `unknownOutcome` when a change may
  ///   have happened; `CancellationError`.
  func response(
    prepare: () throws -> GatewayRequest, afterTry: () -> Void = {}
  ) async throws -> GatewayResponse {
    var count = TryCount()
    while true {
      let authentication = try await credentials.authentication()
      let (request, outcome) = try await attempt(prepare, authentication, isRetry: count.all > 0)
      count.add(outcome)
      if case .answer(let response) = outcome { return count.settled(response, of: request) }
      let next = next(after: outcome, count, request)
      guard case .tryAgain(let delay) = next else { throw error(of: outcome, count, request) }
      afterTry()
      if case .unauthenticated(let response) = outcome {
        guard try await credentials.authentication(replacing: authentication) != nil else {
          return count.settled(response, of: request)
        }
        continue
      }
      onEvent(event(outcome, count, request, delay: delay))
      try await time.sleep(delay)
    }
  }

  // MARK: - One try

  private func attempt(
    _ prepare: () throws -> GatewayRequest, _ authentication: GatewayAuthentication, isRetry: Bool
  ) async throws -> (GatewayRequest, AttemptOutcome) {
    try await scheduler.withTurn { sent in
      let request = try prepare()
      counters.count(isRetry: isRetry)
      do {
        let outgoing = authorization.authorize(request, with: authentication, at: .now())
        let response = try await transport.send(outgoing, to: endpoint, operation: request.operation)
        let outcome = AttemptOutcome(response, now: .now())
        log(request, response)
        if case .throttled(_, let stated, let pause) = outcome {
          counters.countThrottled()
          // A wait that nobody will wait for ends in an error, and must not hold back what comes after it.
          if canWait(stated, pause) { scheduler.throttle(sent: sent, stated: stated, pause: pause) }
        } else {
          scheduler.succeed()
        }
        return (request, outcome)
      } catch let failure as TransportFailure {
        return (request, AttemptOutcome(failure))
      }
    }
  }

  private func log(_ request: GatewayRequest, _ response: GatewayResponse) {
    guard let logger else { return }
    var metadata: Logger.Metadata = [
      "operation": "\(request.operation)", "method": "\(request.method.rawValue)", "path": "\(request.path)",
      "status": "\(response.status)",
    ]
    metadata["request_id"] = response.requestID.map { "\($0)" }
    logger.debug("request done", metadata: metadata)
  }

  // MARK: - What follows

  private enum Next {
    case tryAgain(after: Duration)
    case giveUp
  }

  private func next(after outcome: AttemptOutcome, _ count: TryCount, _ request: GatewayRequest) -> Next {
    switch outcome {
    case .answer: return .giveUp
    case .unauthenticated: return count.refusals > 1 ? .giveUp : .tryAgain(after: .zero)
    case .throttled(_, let stated, let pause):
      guard count.throttles <= policy.maximumThrottles, canWait(stated, pause) else { return .giveUp }
      // Where the gateway names a pause, the scheduler holds everyone back.
      return .tryAgain(after: pause == nil ? delay(count.throttles) : .zero)
    case .busy: return tryAgain(count)
    case .notSent(let failure): return failure.isLasting ? .giveUp : tryAgain(count)
    case .lost(let failure):
      return request.isRepeatable && !failure.isLasting ? tryAgain(count) : .giveUp
    case .serverError(_, let pause):
      guard request.isRepeatable, pause ?? .zero <= policy.longestPause else { return .giveUp }
      return tryAgain(count, atLeast: pause ?? .zero)
    }
  }

  /// Whether the gateway asks for no longer a wait than anybody has patience for.
  private func canWait(_ stated: RequestRate?, _ pause: Duration?) -> Bool {
    max(pause ?? .zero, stated.map { $0.period / $0.count } ?? .zero) <= policy.longestPause
  }

  private func tryAgain(_ count: TryCount, atLeast pause: Duration = .zero) -> Next {
    count.tries < policy.maximumTries ? .tryAgain(after: max(pause, delay(count.tries))) : .giveUp
  }

  private func delay(_ tries: Int) -> Duration {
    var generator = SystemRandomNumberGenerator()
    return policy.delay(after: tries, using: &generator)
  }

  // MARK: - Telling

  private func error(of outcome: AttemptOutcome, _ count: TryCount, _ request: GatewayRequest) -> GatewayError {
    var error: GatewayError
    switch outcome {
    case .answer(let response), .unauthenticated(let response), .busy(let response), .throttled(let response, _, _):
      error = GatewayError(response: response, operation: request.operation)
    case .serverError(let response, _):
      error = GatewayError(response: response, operation: request.operation)
      if request.isWrite { error = error.withUnknownOutcome }
    case .notSent(let failure), .lost(let failure):
      error = failure.gatewayError(url: endpoint.base + request.path, isWrite: request.isWrite)
    }
    // Whatever the last try came to: an earlier one may have worked.
    if request.isWrite, count.mayHaveHappened, error.kind != .unknownOutcome { error = error.withUnknownOutcome }
    error.attempts = count.all
    return error
  }

  private func event(
    _ outcome: AttemptOutcome, _ count: TryCount, _ request: GatewayRequest, delay: Duration
  ) -> ClientEvent {
    if case .throttled(_, let stated, let pause) = outcome {
      return .throttled(operation: request.operation, stated: stated, pause: pause)
    }
    let error = error(of: outcome, count, request)
    return .retrying(operation: request.operation, tries: count.tries, delay: delay, reason: "\(error.reason)")
  }
}

/// How often a request was sent, by what came of it.
struct TryCount: Sendable {
  /// Those that say something about the request.
  private(set) var tries = 0
  private(set) var throttles = 0
  /// Refused credentials.
  private(set) var refusals = 0
  /// Tries that may have worked although no answer said so.
  private var lost = 0

  var mayHaveHappened: Bool { lost > 0 }

  var all: Int { tries + throttles + refusals }

  mutating func add(_ outcome: AttemptOutcome) {
    switch outcome {
    case .throttled: throttles += 1
    case .unauthenticated: refusals += 1
    case .lost, .serverError:
      tries += 1
      lost += 1
    case .answer, .busy, .notSent: tries += 1
    }
  }

  /// What was to be deleted and is not there after a try whose answer was lost is what that try deleted.
  func settled(_ response: GatewayResponse, of request: GatewayRequest) -> GatewayResponse {
    var response = response
    response.attempts = all
    guard lost > 0, request.method == .delete, response.status == 404 else { return response }
    return GatewayResponse(status: 204, headers: response.headers, body: [])
  }
}

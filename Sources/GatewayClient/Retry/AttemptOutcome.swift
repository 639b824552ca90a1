internal import GatewayAPI
internal import GatewayTransport

/// What one try of a request came to.
enum AttemptOutcome: Sendable {
  /// An answer that trying again would not change.
  case answer(GatewayResponse)
  /// Refused for being one too many; nothing was done.
  case throttled(GatewayResponse, stated: RequestRate?, pause: Duration?)
  /// Refused because of its credential; nothing was done.
  case unauthenticated(GatewayResponse)
  /// Refused because something else is going on there; nothing was done.
  case busy(GatewayResponse)
  /// An error of the gateway or of something before it: it may have been done.
  case serverError(GatewayResponse, pause: Duration?)
  /// No connection: it cannot have arrived.
  case notSent(TransportFailure)
  /// No whole answer: it may have been done.
  case lost(TransportFailure)

  init(_ response: GatewayResponse, now: Timestamp) {
    guard response.status >= 400 else {
      self = .answer(response)
      return
    }
    let document = try? Document(json: response.body)
    let code = document?["error_code"]?.stringValue.map(GatewayErrorCode.init(rawValue:))
    let pause = response.headers["retry-after"].flatMap { RetryAfter.duration($0, now: now) }
    switch GatewayError.Kind(code: code, status: response.status) {
    case .throttled:
      let message = document?["error_msg"]?.stringValue ?? String(decoding: response.body.prefix(1000), as: UTF8.self)
      self = .throttled(response, stated: RequestRate(statedIn: message), pause: pause)
    case .unauthenticated: self = .unauthenticated(response)
    default:
      if code?.isTransientConflict == true {
        self = .busy(response)
      } else if response.status >= 500 || response.status == 408 {
        self = .serverError(response, pause: pause)
      } else {
        self = .answer(response)
      }
    }
  }

  init(_ failure: TransportFailure) { self = failure.mayHaveArrived ? .lost(failure) : .notSent(failure) }
}

/// The header of RFC 9110, section 10.2.3: seconds, or a date.
enum RetryAfter {
  /// - Returns: nil for what is neither; nothing at all for a date that is over.
  static func duration(_ text: String, now: Timestamp) -> Duration? {
    if let seconds = Int64(text), seconds >= 0 { return .seconds(min(seconds, 1 << 31)) }
    guard let date = Timestamp(httpDate: text) else { return nil }
    return .seconds(max(0, date.seconds - now.seconds))
  }
}

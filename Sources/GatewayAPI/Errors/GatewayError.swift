/// What went wrong with an operation: at the gateway, on the way to it, or before anything was sent.
public struct GatewayError: Error, Sendable, Hashable {
  /// The class of a failure: what a script or an exit code decides by.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The call itself is wrong; nothing was sent.
    case usage
    case notFound = "not_found"
    /// The gateway refused a value.
    case invalid
    case unauthenticated
    case denied
    case conflict
    case throttled
    /// The gateway cannot be reached, or answers with an error of its own or with something unreadable.
    case unavailable
    case timeout
    /// A change was sent and its answer lost: it may or may not have happened.
    case unknownOutcome = "unknown_outcome"
    /// Some APIs of a batch failed.
    case partialFailure = "partial_failure"
    /// What was released is not well.
    case healthCheck = "health_check"
    /// A person, a permission or a protection forbids it.
    case refused
    /// What it rests on has changed meanwhile.
    case stale
    case limit
    /// The environment is another run's by now.
    case lockLost = "lock_lost"
    case cancelled
  }

  public var kind: Kind
  /// The gateway's own code: `APIG.3002`; nil when the failure is not the gateway's.
  public var code: GatewayErrorCode?
  /// What happened, one sentence without a full stop.
  public var message: String
  /// What to do next.
  public var hint: String?
  public var operation: String?
  /// Name or ID of the API it happened to.
  public var api: String?
  public var environment: String?
  public var gateway: String?
  /// HTTP status of the answer.
  public var status: Int?
  /// `X-Request-Id` of the answer.
  public var requestID: String?
  /// How often the request was sent; nil when it was not.
  public var attempts: Int?
  /// Both lists of a batch that failed in part.
  public var result: BatchResult?
  /// What was measured: the numbers of a health check.
  public var measured: Document?

  public init(
    kind: Kind, code: GatewayErrorCode? = nil, message: String, hint: String? = nil, operation: String? = nil,
    api: String? = nil, environment: String? = nil, gateway: String? = nil, status: Int? = nil,
    requestID: String? = nil, attempts: Int? = nil, result: BatchResult? = nil, measured: Document? = nil
  ) {
    self.kind = kind
    self.code = code
    self.message = message
    self.hint = hint
    self.operation = operation
    self.api = api
    self.environment = environment
    self.gateway = gateway
    self.status = status
    self.requestID = requestID
    self.attempts = attempts
    self.result = result
    self.measured = measured
  }

  /// Whether the same request may succeed later, without a risk of doing it twice.
  public var isRetryable: Bool {
    switch kind {
    case .throttled, .conflict: true
    case .unavailable, .timeout: true
    default: false
    }
  }
}

extension GatewayError {
  /// The error of one API of a batch.
  public init(_ failure: BatchFailure) {
    self.init(
      kind: Kind(code: failure.code, status: 400), code: failure.code,
      message: failure.message ?? "the gateway gives no reason", hint: failure.code?.hint,
      api: failure.apiName ?? failure.apiID)
  }

  /// The same failure of a change that may have happened all the same.
  public var withUnknownOutcome: GatewayError {
    var error = self
    error.kind = .unknownOutcome
    error.message = "\(reason) after a change was sent: it may or may not have happened"
    error.hint = "look at the history before you send it again"
    return error
  }

  /// What happened, with the code and without what to do.
  public var reason: String { code.map { "\($0) \(message)" } ?? message }
}

extension GatewayError: CustomStringConvertible {
  public var description: String {
    var text = code.map { "\($0): \(message)" } ?? message
    if let hint { text += " (\(hint))" }
    return text
  }
}

extension GatewayError {
  /// The error that a failed answer tells of.
  ///
  /// Three levels are kept apart: a documented code, a code that is not
  /// documented, and a body that is no error document at all.
  public init(response: GatewayResponse, operation: String) {
    let document = try? Document(json: response.body)
    let code = document?["error_code"]?.stringValue.map(GatewayErrorCode.init(rawValue:))
    self.init(
      kind: Kind(code: code, status: response.status), code: code, message: "", operation: operation,
      status: response.status, requestID: response.requestID, attempts: response.attempts)
    if let code {
      message = document?["error_msg"]?.stringValue ?? "the gateway gives no reason"
      hint = code.hint
    } else if let location = response.location, (300..<400).contains(response.status) {
      message = "HTTP \(response.status) redirects to \(location), which is not followed"
      hint = "a credential must not travel to another host; check 'endpoint'"
    } else {
      let beginning = Excerpt.text(of: response.body)
      message =
        "HTTP \(response.status) with a body that is no error document"
        + (beginning.isEmpty ? ": it is empty" : ": \(beginning)")
      hint = "is this the endpoint of an API Gateway? something in between may have answered"
    }
  }

  /// The error for a successful status whose body is not what the operation is documented to answer.
  public init(unreadable response: GatewayResponse, reason: String) {
    self.init(
      kind: .unavailable, message: "the answer cannot be read: \(reason); it begins \(Excerpt.text(of: response.body))",
      hint: "is this the endpoint of an API Gateway? something in between may have answered", status: response.status,
      requestID: response.requestID)
  }
}

/// The beginning of a body, fit for one line of a message.
private enum Excerpt {
  static func text(of body: [UInt8]) -> String {
    guard !body.isEmpty else { return "" }
    let text = String(decoding: body.prefix(120), as: UTF8.self)
    let line = String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
    return "\"\(line)\(body.count > 120 ? "…" : "")\""
  }
}

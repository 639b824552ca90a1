package import GatewayAPI

/// Why there is no answer, told apart as far as it matters: whether the request can have arrived.
package enum TransportFailure: Error, Sendable, Hashable {
  /// No connection came about; nothing was sent.
  case noConnection(String)
  /// The proxy gives no way to the gateway; nothing was sent.
  case proxy(String)
  /// No TLS came about; nothing was sent.
  case tls(String)
  /// The certificate of the other side was refused; nothing was sent.
  case certificate(String)
  case connectTimeout
  /// The answer did not come, or not whole, in time.
  case timeout(Duration)
  /// The other side said nothing for so long: before its answer, or in the middle of it.
  case silence(Duration, hasBegun: Bool)
  /// The connection ended before the answer did.
  case cutOff(String)
  case tooLarge(bytes: Int)
  case headersTooLarge
  /// What came is no HTTP.
  case noHTTP(String)
}

extension TransportFailure {
  /// Whether the request can have reached the gateway.
  package var mayHaveArrived: Bool {
    switch self {
    case .noConnection, .proxy, .tls, .certificate, .connectTimeout: false
    case .timeout, .silence, .cutOff, .tooLarge, .headersTooLarge, .noHTTP: true
    }
  }

  /// Whether the other side closed a connection that was there.
  var isClosing: Bool {
    switch self {
    case .cutOff, .noConnection(Self.closedBefore): true
    default: false
    }
  }

  /// Why there was no connection when a kept one was gone.
  static let closedBefore = "the connection was closed before anything was sent"

  /// Whether another try would end the same way.
  package var isLasting: Bool {
    switch self {
    case .proxy, .certificate, .tooLarge, .headersTooLarge, .noHTTP: true
    case .noConnection, .tls, .connectTimeout, .timeout, .silence, .cutOff: false
    }
  }

  /// The error for the caller: of a write that may have arrived, the outcome is unknown.
  package func gatewayError(url: String, isWrite: Bool) -> GatewayError {
    if isWrite, mayHaveArrived {
      return GatewayError(
        kind: .unknownOutcome, message: "\(what) after a change was sent to \(url): it may or may not have happened",
        hint: "look at the history before you send it again")
    }
    return GatewayError(kind: kind, message: "\(what): \(url)", hint: hint)
  }

  /// The error for a script that asked another server.
  func webError(_ request: WebRequest) -> GatewayError {
    let server = WebOrigin(of: request.url).map(\.host) ?? "the server"
    let subject = "\(request.method.rawValue) \(request.url.withoutQuery)"
    if request.isWrite, mayHaveArrived {
      return GatewayError(
        kind: .unknownOutcome, message: "\(subject): \(what(of: server)); it may or may not have happened",
        hint: "look there before you send it again")
    }
    return GatewayError(kind: kind, message: "\(subject): \(what(of: server))", hint: webHint)
  }

  private var webHint: String? {
    switch self {
    case .proxy, .certificate: hint
    case .timeout, .silence: "raise it with timeout = \"60s\" if the server is slow"
    default: nil
    }
  }

  private var kind: GatewayError.Kind {
    switch self {
    case .connectTimeout, .timeout, .silence: .timeout
    default: .unavailable
    }
  }

  /// What happened, without where.
  var what: String { what(of: "the gateway") }

  private func what(of server: String) -> String {
    switch self {
    case .noConnection(let reason): "\(server) cannot be reached, \(reason)"
    case .proxy(let reason): "\(server) cannot be reached, the proxy \(reason)"
    case .tls(let reason): "no secure connection came about, \(reason)"
    case .certificate(let reason): "\(server)'s certificate does not verify (\(reason))"
    case .connectTimeout: "no connection came about in time"
    case .timeout(let duration): "no whole answer came within \(duration)"
    case .silence(let duration, hasBegun: false): "no answer began within \(duration)"
    case .silence(let duration, hasBegun: true): "the answer stopped in its middle, nothing came for \(duration)"
    case .cutOff(let reason): "the answer was cut off, \(reason)"
    case .tooLarge(let bytes): "the answer is larger than \(Self.size(bytes))"
    case .headersTooLarge: "the answer's headers are too large or too many"
    case .noHTTP(let reason): "what answers speaks no HTTP (\(reason))"
    }
  }

  private static func size(_ bytes: Int) -> String {
    bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(bytes) bytes"
  }

  private var hint: String {
    switch self {
    case .noConnection, .connectTimeout, .noHTTP, .headersTooLarge: "check 'endpoint' in apig.yaml, and the network"
    case .proxy: "check HTTPS_PROXY and HTTP_PROXY; NO_PROXY lists the hosts that need no proxy"
    case .tls: "check 'endpoint' in apig.yaml: is it https://, and the right port?"
    case .certificate: "if a company's own authority signs it, name its PEM file in SSL_CERT_FILE"
    case .timeout, .silence: "raise it with --timeout if the gateway is slow"
    case .cutOff: "nothing was changed; run it again"
    case .tooLarge: "ask for less at once"
    }
  }
}

extension String {
  /// A URL as messages show it: queries may hold secrets.
  fileprivate var withoutQuery: String { String(prefix { $0 != "?" && $0 != "#" }) }
}

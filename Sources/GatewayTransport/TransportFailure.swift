internal import AsyncHTTPClient
package import GatewayAPI
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Why there is no answer, told apart as far as it matters: whether the request can have arrived.
package enum TransportFailure: Error, Sendable, Hashable {
  /// No connection came about; nothing was sent.
  case noConnection(String)
  /// The certificate of the other side was refused; nothing was sent.
  case certificate(String)
  case connectTimeout
  /// The answer did not come, or not whole, in time.
  case timeout(Duration)
  /// The connection ended before the answer did.
  case cutOff(String)
  case tooLarge(bytes: Int)
  /// What came is no HTTP.
  case noHTTP(String)

  init(_ error: any Error, timeout: Duration, maximumBodyBytes: Int) {
    switch error {
    case is TimeoutExceeded: self = .timeout(timeout)
    case is NIOTooManyBytesError: self = .tooLarge(bytes: maximumBodyBytes)
    case let error as HTTPClientError: self = Self.of(error, timeout: timeout)
    case let error as NIOConnectionError: self = .noConnection(Self.reason(of: error))
    case let error as IOError where error.errnoCode == 111: self = .noConnection("connection refused")
    case let error as NIOSSLError:
      if case .handshakeFailed(let cause) = error {
        self = .certificate("\(cause)")
      } else {
        self = .cutOff("the TLS connection ended (\(error))")
      }
    case is NIOSSLExtraError, is BoringSSLError: self = .certificate("\(error)")
    case let error as HTTPParserError where error != .invalidEOFState: self = .noHTTP("\(error)")
    default: self = .cutOff(Self.isEndOfStream(error) ? "the connection was closed" : "\(error)")
    }
  }

  private static func of(_ error: HTTPClientError, timeout: Duration) -> TransportFailure {
    switch error {
    case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout, .httpProxyHandshakeTimeout:
      .connectTimeout
    case .readTimeout, .writeTimeout, .deadlineExceeded: .timeout(timeout)
    case .remoteConnectionClosed: .cutOff("the connection was closed")
    case .emptyHost, .invalidURL, .emptyScheme: .noConnection("\(error)")
    default: .cutOff("\(error)")
    }
  }

  private static func isEndOfStream(_ error: any Error) -> Bool {
    if let error = error as? HTTPParserError { return error == .invalidEOFState }
    return error is ChannelError
  }

  private static func reason(of error: NIOConnectionError) -> String {
    if let dns = error.dnsAError ?? error.dnsAAAAError { return "the host is not known (\(dns))" }
    if let io = error.connectionErrors.first?.error as? IOError {
      return io.errnoCode == 111 ? "connection refused" : "\(io)"
    }
    return error.connectionErrors.first.map { "\($0.error)" } ?? "no address answers"
  }
}

extension TransportFailure {
  /// Whether the request can have reached the gateway.
  package var mayHaveArrived: Bool {
    switch self {
    case .noConnection, .certificate, .connectTimeout: false
    case .timeout, .cutOff, .tooLarge, .noHTTP: true
    }
  }

  /// Whether another try would end the same way.
  package var isLasting: Bool {
    switch self {
    case .certificate, .tooLarge, .noHTTP: true
    case .noConnection, .connectTimeout, .timeout, .cutOff: false
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

  private var kind: GatewayError.Kind {
    switch self {
    case .connectTimeout, .timeout: .timeout
    default: .unavailable
    }
  }

  private var what: String {
    switch self {
    case .noConnection(let reason): "the gateway cannot be reached, \(reason)"
    case .certificate(let reason): "the gateway's certificate does not verify (\(reason))"
    case .connectTimeout: "no connection came about in time"
    case .timeout(let duration): "no whole answer came within \(duration)"
    case .cutOff(let reason): "the answer was cut off, \(reason)"
    case .tooLarge(let bytes): "the answer is larger than \(bytes >> 20) MiB"
    case .noHTTP(let reason): "what answers speaks no HTTP (\(reason))"
    }
  }

  private var hint: String {
    switch self {
    case .noConnection, .connectTimeout, .noHTTP: "check 'endpoint' in apig.yaml, and the network"
    case .certificate: "if a company's own authority signs it, name its PEM file in SSL_CERT_FILE"
    case .timeout: "raise it with --timeout if the gateway is slow"
    case .cutOff: "nothing was changed; run it again"
    case .tooLarge: "ask for less at once"
    }
  }
}

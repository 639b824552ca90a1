internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// What the HTTP library's errors mean.
extension TransportFailure {
  /// - Parameters:
  ///   - proxy: the proxy that the request was to go through.
  ///   - isSent: whether anything of the request can have left.
  ///   - hasBegun: whether the head of an answer has come.
  init(
    _ error: any Error, configuration: HTTPTransportConfiguration, proxy: HTTPProxy?, isSent: Bool, hasBegun: Bool
  ) {
    switch error {
    case is AnswerCollector.BodyTooLarge: self = .tooLarge(bytes: configuration.maximumBodyBytes)
    case HTTPClientError.deadlineExceeded: self = .timeout(configuration.requestTimeout)
    case HTTPClientError.readTimeout: self = .silence(configuration.silenceTimeout, hasBegun: hasBegun)
    case HTTPParserError.headerOverflow: self = .headersTooLarge
    default: self = isSent ? Self.afterSending(error) : Self.beforeSending(error, proxy: proxy)
    }
  }

  private static func afterSending(_ error: any Error) -> TransportFailure {
    switch error {
    case HTTPClientError.remoteConnectionClosed: .cutOff("the connection was closed")
    case let error as HTTPParserError where error != .invalidEOFState: .noHTTP("\(error)")
    case is NIOSSLError: .cutOff("the TLS connection ended (\(error))")
    default: .cutOff(isEndOfStream(error) ? "the connection was closed" : "\(error)")
    }
  }

  private static func beforeSending(_ error: any Error, proxy: HTTPProxy?) -> TransportFailure {
    switch error {
    case HTTPClientError.connectTimeout, HTTPClientError.getConnectionFromPoolTimeout,
      HTTPClientError.tlsHandshakeTimeout:
      return proxy.map { .proxy("\($0) did not connect to the gateway in time") } ?? .connectTimeout
    case let error as NIOSSLError:
      guard case .handshakeFailed(let cause) = error else { return .tls("\(error)") }
      return ofHandshake(cause)
    case let error as BoringSSLError: return ofHandshake(error)
    case NIOSSLExtraError.failedToValidateHostname: return .certificate("it is for another host")
    case is NIOSSLExtraError: return .certificate("\(error)")
    default:
      if let proxy { return .proxy(reason(of: error, proxy)) }
      return .noConnection(reason(of: error))
    }
  }

  private static func ofHandshake(_ error: BoringSSLError) -> TransportFailure {
    let text = "\(error)"
    if text.contains("CERTIFICATE_VERIFY_FAILED") { return .certificate("its authority is not known here") }
    if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
      return .tls("the other side speaks no TLS")
    }
    if case .sslError(let errors) = error, errors.contains(.eofDuringHandshake) {
      return .tls("the other side ended the handshake")
    }
    return .tls(text)
  }

  private static func reason(of error: any Error, _ proxy: HTTPProxy) -> String {
    let what =
      switch error {
      case HTTPClientError.proxyAuthenticationRequired:
        proxy.credentials == nil ? "asks for a user and a password (407)" : "refuses the user or the password (407)"
      case HTTPClientError.invalidProxyResponse: "refuses to connect to the gateway"
      case HTTPClientError.httpProxyHandshakeTimeout: "did not connect to the gateway in time"
      case HTTPClientError.remoteConnectionClosed: "closed the connection"
      default: "does not answer: \(reason(of: error))"
      }
    return "\(proxy) \(what)"
  }

  private static func reason(of error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError: reason(of: error)
    case let error as IOError where error.errnoCode == 111: "connection refused"
    case HTTPClientError.remoteConnectionClosed: closedBefore
    case HTTPClientError.alreadyShutdown: "the client was shut down"
    default: isEndOfStream(error) ? "the connection was closed before anything was sent" : "\(error)"
    }
  }

  private static func reason(of error: NIOConnectionError) -> String {
    if let dns = error.dnsAError ?? error.dnsAAAAError { return "the host is not known (\(dns))" }
    if let io = error.connectionErrors.first?.error as? IOError {
      return io.errnoCode == 111 ? "connection refused" : "\(io)"
    }
    return error.connectionErrors.first.map { "\($0.error)" } ?? "no address answers"
  }

  private static func isEndOfStream(_ error: any Error) -> Bool {
    if let error = error as? HTTPParserError { return error == .invalidEOFState }
    return error is ChannelError
  }
}

/// Lets a `switch` over any error name the one error it means.
private func ~= <Known: Error & Equatable>(pattern: Known, error: any Error) -> Bool { error as? Known == pattern }

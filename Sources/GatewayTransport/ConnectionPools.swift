internal import AsyncHTTPClient
internal import GatewayAPI
internal import NIOCore
internal import NIOSSL

/// The pool of direct connections, and one for each proxy.
struct ConnectionPools: Sendable {
  private let direct: HTTPClient
  private let proxied: [HTTPProxy: HTTPClient]
  private let proxies: ProxySettings

  /// - Throws: `GatewayError` of kind `usage`.
  init(_ configuration: HTTPTransportConfiguration) throws(GatewayError) {
    proxies = configuration.proxies
    let settings = try Self.settings(configuration)
    direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    var proxied: [HTTPProxy: HTTPClient] = [:]
    for proxy in Set([proxies.http, proxies.https].compactMap(\.self)) {
      var settings = settings
      settings.proxy = .server(
        host: proxy.host, port: proxy.port,
        authorization: proxy.credentials.map { .basic(username: $0.beforeColon, password: $0.afterColon) })
      proxied[proxy] = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }
    self.proxied = proxied
  }

  func pool(for endpoint: Endpoint) -> (client: HTTPClient, proxy: HTTPProxy?) {
    guard let proxy = proxies.proxy(for: endpoint), let client = proxied[proxy] else { return (direct, nil) }
    return (client, proxy)
  }

  func shutdown() async {
    // Nothing is left to tell the caller: whatever was in flight has failed by itself.
    try? await direct.shutdown()
    for client in proxied.values { try? await client.shutdown() }
  }

  private static func settings(
    _ configuration: HTTPTransportConfiguration
  ) throws(GatewayError) -> HTTPClient.Configuration {
    var settings = HTTPClient.Configuration()
    // A credential must never follow a redirect to another host.
    settings.redirectConfiguration = .disallow
    settings.httpVersion = .automatic
    settings.timeout.connect = TimeAmount(min(configuration.connectTimeout, configuration.requestTimeout))
    if configuration.silenceTimeout < configuration.requestTimeout {
      settings.timeout.read = TimeAmount(configuration.silenceTimeout)
    }
    settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, configuration.maximumConnections)
    // A broken connection is the caller's to judge: a write must not be sent twice behind its back.
    settings.connectionPool.retryConnectionEstablishment = false
    if let roots = try TrustRoots.read(configuration) {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = roots
      settings.tlsConfiguration = tls
    }
    return settings
  }
}

extension String {
  fileprivate var beforeColon: String { String(prefix { $0 != ":" }) }
  fileprivate var afterColon: String { String(drop { $0 != ":" }.dropFirst()) }
}

extension TimeAmount {
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}

import Foundation
import GatewayAPI
import GatewayTestSupport
import GatewayTransport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProxyTests {
  private static func port(_ url: String) -> Int { URL(string: url)?.port ?? 0 }

  private func settings(_ port: Int, credentials: String = "") throws -> ProxySettings {
    let url = "http://\(credentials)127.0.0.1:\(port)"
    return try ProxySettings { ["HTTPS_PROXY": url, "http_proxy": url][$0] }
  }

  @Test func aSecureEndpointIsReachedThroughATunnelThatCarriesNoSecret() async throws {
    try await withTemporaryFolder { folder in
      let certificate = try await TestCertificate.make(in: folder, for: "DNS:gateway.example.com")
      try await withScriptedServer(certificate: certificate, answer: { _ in .json(200, "{}") }) { server in
        try await withTunnelProxy(to: Self.port(server.url)) { proxy in
          let proxies = try settings(proxy.port, credentials: "ann:p%40ss@")
          let response = try await withTransport({
            $0.proxies = proxies
            $0.trustRootsFile = certificate.chain
          }) { try await $0.get("https://gateway.example.com") }
          #expect(response.status == 200)
          #expect(proxy.requests.map(\.target) == ["gateway.example.com:443"])
          #expect(
            proxy.requests[0].header("Proxy-Authorization") == "Basic \(Data("ann:p@ss".utf8).base64EncodedString())")
          #expect(proxy.requests[0].header("X-Auth-Token") == nil)
          #expect(server.requests.count == 1 && server.requests[0].header("Proxy-Authorization") == nil)
        }
      }
    }
  }

  @Test func anEndpointOnThisMachineNeedsNoProxyUnlessAsked() async throws {
    try await withScriptedServer(answer: { _ in .json(200, "{}") }) { server in
      try await withTunnelProxy(to: Self.port(server.url)) { proxy in
        var proxies = try settings(proxy.port)
        let direct = proxies
        _ = try await withTransport({ $0.proxies = direct }) { try await $0.get(server.url) }
        #expect(proxy.requests.isEmpty && server.requests.count == 1)
        proxies.includesLoopback = true
        let all = proxies
        _ = try await withTransport({ $0.proxies = all }) { try await $0.get(server.url) }
        #expect(proxy.requests.count == 1 && server.requests.count == 2)
      }
    }
  }

  struct Refusal: Sendable {
    let answer: ScriptedAnswer
    let credentials: String
    let says: String
  }

  static let refusals = [
    Refusal(answer: .status("407 Proxy Authentication Required"), credentials: "", says: "asks for a user"),
    Refusal(
      answer: .status("407 Proxy Authentication Required"), credentials: "ann:secret-word@",
      says: "refuses the user or the password"),
    Refusal(answer: .status("403 Forbidden"), credentials: "", says: "refuses to connect to the gateway"),
    Refusal(answer: .close, credentials: "", says: "closed the connection"),
    Refusal(answer: .bytesThenClose(Array("SSH-2.0\r\n".utf8)), credentials: "", says: "closed the connection"),
    Refusal(answer: .silence, credentials: "", says: "did not connect to the gateway in time"),
  ]

  @Test(arguments: refusals)
  func aProxyThatRefusesIsNamedAndNothingWasSent(_ refusal: Refusal) async throws {
    try await withScriptedServer(answer: { _ in refusal.answer }) { server in
      let proxies = try settings(Self.port(server.url), credentials: refusal.credentials)
      let failure = try await withTransport({
        $0.proxies = proxies
        if case .silence = refusal.answer { $0.connectTimeout = .milliseconds(800) }
      }) { try await $0.failure("https://gateway.example.com") }
      #expect(failure?.mayHaveArrived == false)
      let text = failure?.text ?? ""
      #expect(text.contains("the proxy 127.0.0.1:\(Self.port(server.url)) \(refusal.says)"), "\(text)")
      #expect(text.contains("NO_PROXY") && !text.contains("secret-word"))
      #expect(server.requests.allSatisfy { $0.method == "CONNECT" && $0.header("X-Auth-Token") == nil })
    }
  }

  @Test func aProxyThatIsNotThere() async throws {
    try await withClosedPort { url in
      let proxies = try settings(Self.port(url))
      let failure = try await withTransport({ $0.proxies = proxies }) {
        try await $0.failure("http://gateway.example.com")
      }
      #expect(failure == .proxy("127.0.0.1:\(Self.port(url)) does not answer: connection refused"))
    }
  }

  @Test(arguments: [
    ("", true), ("*", false), ("gateway.example.com", false), ("example.com", false), (".example.com", false),
    ("*.example.com", false), ("ample.com", true), ("other.com, example.com", false),
    ("gateway.example.com:443", false),
    ("gateway.example.com:80", true), ("EXAMPLE.com", false),
  ])
  func noProxyExceptsHosts(_ exceptions: String, usesProxy: Bool) throws {
    let proxies = try ProxySettings { ["https_proxy": "proxy:3128", "NO_PROXY": exceptions][$0] }
    #expect(proxies.proxy(for: try Endpoint("https://gateway.example.com")) == (usesProxy ? proxies.https : nil))
  }

  @Test(arguments: ["https://proxy", "socks5://proxy", "http://", "http://a b", "http://proxy:port", "http://u:p%zz@h"])
  func whatIsNoProxyIsRefusedWithoutShowingIt(_ text: String) {
    let error = #expect(throws: GatewayError.self) { try ProxySettings { ["HTTPS_PROXY": text][$0] } }
    #expect(error?.kind == .usage)
    #expect(error?.message.hasPrefix("HTTPS_PROXY is no proxy") == true)
    // The hint itself shows how a proxy is written.
    #expect(error?.message.contains(text) == false)
  }

  @Test func credentialsAreNeverPrinted() throws {
    let proxies = try ProxySettings { ["HTTP_PROXY": "ann:secret-word@[::1]:3128"][$0] }
    #expect(proxies.http?.host == "::1" && proxies.http?.port == 3128)
    #expect(!"\(proxies)".contains("secret-word") && !String(reflecting: proxies).contains("secret-word"))
  }
}

extension ScriptedAnswer {
  static func status(_ line: String) -> ScriptedAnswer {
    .bytesThenClose(Array("HTTP/1.1 \(line)\r\nContent-Length: 0\r\n\r\n".utf8))
  }
}

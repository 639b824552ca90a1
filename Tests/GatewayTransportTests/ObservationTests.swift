import CoreMetrics
import GatewayAPI
import GatewaySigning
import GatewayTestSupport
import GatewayTransport
import Logging
import MetricsTestKit
import Synchronization
import Testing

@Suite struct SecretMaskTests {
  @Test(arguments: [
    (
      "Authorization", "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=abcdef",
      "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=‹masked›"
    ),
    ("authorization", "Basic dXNlcjpwdw==", "‹masked›"), ("X-Auth-Token", "MIIF", "‹masked›"),
    ("X-Subject-Token", "MIIF", "‹masked›"), ("X-Security-Token", "MIIF", "‹masked›"),
    ("Proxy-Authorization", "Basic x", "‹masked›"), ("Cookie", "a=b", "‹masked›"), ("Set-Cookie", "a=b", "‹masked›"),
    ("Content-Type", "application/json", "application/json"), ("X-Request-Id", "abc", "abc"),
    ("X-Sdk-Date", "20261121T100000Z", "20261121T100000Z"),
  ])
  func headersKeepWhatIsNoSecret(_ name: String, _ value: String, _ shown: String) {
    #expect(SecretMask.header(name, value) == shown)
  }

  @Test(arguments: [
    ("{\"a\": 1}", "{\"a\": 1}"),
    (
      "{\"auth\":{\"identity\":{\"password\":{\"user\":{\"name\":\"n\",\"password\":\"p w\"}}}}}",
      "{\"auth\":{\"identity\":{\"password\":{\"user\":{\"name\":\"n\",\"password\":\"‹masked›\"}}}}}"
    ),
    (
      "{\"credential\":{\"access\":\"A\",\"secret\":\"S\",\"securitytoken\":\"T\",\"expires_at\":\"E\"}}",
      "{\"credential\":{\"access\":\"‹masked›\",\"expires_at\":\"E\",\"secret\":\"‹masked›\",\"securitytoken\":\"‹masked›\"}}"
    ),
    ("[{\"deep\":[{\"SecretKey\":\"S\"}]}]", "[{\"deep\":[{\"SecretKey\":\"‹masked›\"}]}]"),
    ("{\"token\":{\"id\":\"T\"}}", "{\"token\":{\"id\":\"‹masked›\"}}"),
    // Cut off, and in other forms.
    ("{\"x\":1,\"password\":\"half a pass", "{\"x\":1,\"password\":‹masked›"),
    ("{\"x\":1,\"password\": \"a\\\"b\", \"y\"", "{\"x\":1,\"password\": ‹masked›, \"y\""),
    ("user=ann&password=p%20w&x=1", "user=ann&password=‹masked›&x=1"),
    ("ak: AK1\nname: n\n", "ak: ‹masked›\nname: n\n"),
    ("plain text", "plain text"),
  ])
  func bodiesKeepWhatIsNoSecret(_ text: String, _ shown: String) {
    #expect(SecretMask.text(text) == shown)
  }

  @Test func whatASchemaSaysOfAPropertyIsNoSecret() {
    let schema = "{\"properties\":{\"token\":{\"type\":\"string\"}}}"
    #expect(SecretMask.text(schema) == schema)
  }

  @Test(arguments: [
    ("https://ann:pw@host:1/x?a=1", "https://‹masked›@host:1/x?a=1"),
    ("https://host/x?token=T&a=1&X-Auth-Token=U", "https://host/x?token=‹masked›&a=1&X-Auth-Token=‹masked›"),
    ("https://host/x", "https://host/x"), ("https://host/a@b?q", "https://host/a@b?q"),
  ])
  func urlsKeepWhatIsNoSecret(_ url: String, _ shown: String) {
    #expect(SecretMask.url(url) == shown)
  }
}

@Suite struct TraceContextTests {
  private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  @Test func eachRequestIsASpanOfItsOwnInTheSameTrace() throws {
    let context = try #require(TraceContext(parent: Self.parent, state: "vendor=1"))
    var generator = SystemRandomNumberGenerator()
    let spans = (0..<100).map { _ in context.headers(using: &generator) }
    for headers in spans {
      #expect(headers.map(\.name) == ["traceparent", "tracestate"] && headers[1].value == "vendor=1")
      let parts = headers[0].value.split(separator: "-").map(String.init)
      #expect(
        parts.count == 4 && parts[0] == "00" && parts[1] == "4bf92f3577b34da6a3ce929d0e0e4736" && parts[3] == "01")
      #expect(parts[2].count == 16 && parts[2] != "00f067aa0ba902b7")
    }
    #expect(Set(spans.map { $0[0].value }).count == 100)
  }

  @Test(arguments: [
    "", "x", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "\(parent)-more", "ff\(parent.dropFirst(2))",
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
  ])
  func whatIsNoTraceParentIsNone(_ text: String) { #expect(TraceContext(parent: text) == nil) }

  @Test func aTraceStateThatWouldBreakAHeaderIsLeftOut() throws {
    var generator = SystemRandomNumberGenerator()
    for state in ["a\r\nX-Evil: 1", String(repeating: "x", count: 600), ""] {
      let context = try #require(TraceContext(parent: Self.parent, state: state))
      #expect(context.headers(using: &generator).map(\.name) == ["traceparent"])
    }
  }
}

/// Keeps what is logged.
final class KeptLog: LogHandler, Sendable {
  private let kept = Mutex<[String]>([])

  var records: [String] { kept.withLock(\.self) }
  var logLevel: Logger.Level {
    get { .trace }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) {
    let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    kept.withLock { $0.append("\(event.level) \(event.message) \(metadata.joined(separator: " "))") }
  }
}

@Suite(.timeLimit(.minutes(5))) struct WireLogTests {
  @Test func requestsAndAnswersAreToldWithoutSecrets() async throws {
    let log = KeptLog()
    try await withScriptedServer(answer: { _ in .json(200, "{\"token\":{\"id\":\"answer-secret\"},\"x\":\"shown\"}") })
    { server in
      let request = SignableRequest(
        method: "POST", path: "/v3/auth/tokens", query: [("nocatalog", "true")],
        headers: [("X-Auth-Token", "header-secret"), ("X-Plain", "plain")],
        body: Array("{\"password\":\"body-secret\",\"name\":\"ann\"}".utf8))
      _ = try await withTransport({ $0.logger = Logger(label: "test") { _ in log } }) {
        try await $0.send(request, to: Endpoint(server.url))
      }
    }
    #expect(log.records.count == 2)
    let text = log.records.joined(separator: "\n")
    #expect(!text.contains("secret\"") && !text.contains("-secret"), "\(text)")
    for part in [
      "trace request", "method=POST", "/v3/auth/tokens?nocatalog=true", "X-Plain: plain", "\"name\":\"ann\"",
      "trace answer", "status=200", "request_id=scripted-1", "\"x\":\"shown\"", "seconds=",
    ] { #expect(text.contains(part), "\(part) in \(text)") }
  }

  @Test func alsoOfWhatGetsNoAnswer() async throws {
    let log = KeptLog()
    try await withScriptedServer(answer: { _ in .close }) { server in
      _ = try await withTransport({ $0.logger = Logger(label: "test") { _ in log } }) {
        try await $0.failure(server.url)
      }
    }
    #expect(log.records.last?.contains("the answer was cut off") == true)
  }

  @Test func aLongBodyIsCut() async throws {
    let log = KeptLog()
    let body = "{\"x\":\"\(String(repeating: "y", count: 100_000))\"}"
    try await withScriptedServer(answer: { _ in .json(200, body) }) { server in
      _ = try await withTransport({ $0.logger = Logger(label: "test") { _ in log } }) { try await $0.get(server.url) }
    }
    let answer = try #require(log.records.last)
    #expect(answer.utf8.count < 6000 && answer.contains("… (100008 bytes)"))
  }
}

@Suite(.timeLimit(.minutes(5))) struct TransportMetricsTests {
  /// The metrics system is one for the process.
  private static let metrics: TestMetrics = {
    let metrics = TestMetrics()
    MetricsSystem.bootstrap(metrics)
    return metrics
  }()

  @Test func eachRequestIsTimedByOperationAndStatus() async throws {
    let metrics = Self.metrics
    let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { $0.path == "/cut" ? .close : .json(404, "{\"a\":1}") }
    try await withScriptedServer(answer: answer) { server in
      try await withTransport { transport in
        var request = SignableRequest.get("/x")
        request.method = "POST"
        request.body = Array("12345".utf8)
        for _ in 0..<3 { _ = try await transport.send(request, to: Endpoint(server.url), operation: "metered") }
        _ = try? await transport.send(.get("/cut"), to: Endpoint(server.url), operation: "metered")
      }
    }
    let timer = try metrics.expectTimer("apig.client.request.duration", [("operation", "metered"), ("status", "404")])
    #expect(timer.values.count == 3 && timer.values.allSatisfy { $0 > 0 })
    let failures = try metrics.expectTimer(
      "apig.client.request.duration", [("operation", "metered"), ("status", "cut_off")])
    #expect(failures.values.count == 1)
    #expect(try metrics.expectCounter("apig.client.sent.bytes", [("operation", "metered")]).totalValue == 15)
    #expect(try metrics.expectCounter("apig.client.received.bytes", [("operation", "metered")]).totalValue == 21)
  }
}

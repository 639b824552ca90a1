import Foundation
import GatewayAPI
import LocalGateway
import Testing

/// The admin routes: request log, state, clock, and who may use them.
@Suite(.timeLimit(.minutes(5))) struct AdminTests {
  private static let base = LocalGatewayHarness.base

  @Test func theLogTellsWhoDidWhatAndWhatItChanged() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await gateway.apiID("pay-webhook")
      let published = try await gateway.publish(api)
      let refused = try await gateway.publish("nobody")
      _ = try await gateway.send("GET", Self.base + "/envs?limit=3", headers: [])
      let entries = try await gateway.requests()
      #expect(entries.map { $0["operation"]?.stringValue } == ["apis", "publish", "publish", nil])
      #expect(entries.map { $0["status"]?.integerValue } == [200, 201, 404, 401])
      #expect(entries.map { $0["error_code"]?.stringValue } == [nil, nil, "APIG.3002", "APIG.1000"])
      #expect(entries.map { $0["caller"]?.stringValue } == ["token", "token", "token", nil])
      #expect(entries.map { $0["changed_apis"] } == [[], [.string(api)], [], []])
      #expect(entries[1]["changed_env"] == .string(GatewayEnvironment.releaseID))
      #expect(entries[1]["id"]?.stringValue == published.header("X-Request-Id"))
      #expect(entries[2]["id"]?.stringValue == refused.header("X-Request-Id"))
      #expect(entries[3]["path"] == .string(Self.base + "/envs") && entries[3]["query"] == "limit=3")
      #expect(entries[1]["method"] == "POST")
      #expect(entries.allSatisfy { ($0["microseconds"]?.integerValue ?? 0) > 0 })
    }
  }

  @Test func theLogIsReadInParts() async throws {
    try await LocalGatewayHarness.with { gateway in
      for _ in 0..<3 { _ = try await gateway.send("GET", Self.base + "/envs") }
      for _ in 0..<2 { _ = try await gateway.send("GET", Self.base + "/apis") }
      _ = try await gateway.send("GET", "/nothing/here")
      func numbers(_ query: String) async throws -> [Int?] {
        try await gateway.requests(query).map { $0["number"]?.integerValue }
      }
      #expect(try await numbers("") == [1, 2, 3, 4, 5, 6])
      #expect(try await numbers("limit=2") == [5, 6])
      #expect(try await numbers("since=2&limit=2") == [3, 4])
      #expect(try await numbers("operation=envs") == [1, 2, 3])
      #expect(try await numbers("operation=apis&since=4") == [5])
      #expect(try await numbers("since=6") == [])
      #expect(try await numbers("since=2000-01-01T00:00:00Z&limit=1") == [1])
      #expect(try await numbers("since=2999-01-01T00:00:00Z") == [])
      for query in ["limit=0", "limit=x", "since=yesterday"] {
        #expect(try await gateway.send("GET", "/_local/requests?\(query)").status == 400)
      }
    }
  }

  @Test func theStateIsWhole() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await gateway.apiID("pay-webhook")
      _ = try await gateway.publish(api)
      let state = try await gateway.send("GET", "/_local/state", headers: []).document
      #expect(state["groups"]?.arrayValue?.count == 2 && state["apis"]?.arrayValue?.count == 11)
      #expect(state["envs"]?.arrayValue?.count == 3 && state["faults"] == [])
      let publication = state["publications"]?.arrayValue?.first { $0["api_id"]?.stringValue == api }
      let version = state["versions"]?.arrayValue?.first { $0["version_id"] == publication?["version_id"] }
      #expect(version?["status"] == 1 && version?["definition"]?["req_uri"] == "/payments/webhook")
    }
  }

  @Test func theClockCanBeSetAndPutBack() async throws {
    let moment = Timestamp(seconds: 1_700_000_000)
    try await LocalGatewayHarness.with({ $0.now = { moment } }) { gateway in
      #expect(try await gateway.setClock("{\"time\":\"2030-05-06T07:08:09Z\"}").status == 200)
      let api = try await gateway.apiID("pay-webhook")
      let standing = try await gateway.publish(api)
      #expect(standing.document["publish_time"] == "2030-05-06T07:08:09Z")
      #expect(try await gateway.setClock("{\"offset\":-3600}").document["offset"] == .number(-3600))
      let early = try await gateway.publish(api).document["publish_time"]?.stringValue.flatMap { Timestamp($0) }
      #expect(early?.seconds == moment.seconds - 3600)
      let real = try await gateway.send("DELETE", "/_local/clock", headers: [])
      #expect(real.document["is_real"] == true)
      for body in [
        "{}", "{\"time\":\"noon\"}", "{\"offset\":\"1h\"}", "{\"offset\":1,\"time\":\"x\"}", "{\"offset\":1e300}", "",
        "{\"offset\":-9223372036854775808}", "{\"offset\":9223372036854775807}",
      ] {
        #expect(try await gateway.setClock(body).status == 400, "\(body)")
      }
      #expect(try await gateway.send("GET", "/_local/clock").document["is_real"] == true)
    }
  }

  @Test func withoutAdminThereIsNothing() async throws {
    try await LocalGatewayHarness.with({ $0.hasAdmin = false }) { gateway in
      for path in ["/_local/requests", "/_local/state", "/_local/clock", "/_local/faults"] {
        let answer = try await gateway.send("GET", path)
        #expect(answer.status == 404)
      }
    }
  }

  @Test func browsersAreKeptOut() async throws {
    try await LocalGatewayHarness.with { gateway in
      let strangers = [
        "rebound.example.com", "127.example.com", "127.0.0.1.example.com:80", "127.0.0.256", "127.1", "128.0.0.1",
        "[::2]",
      ]
      for headers in [[("Origin", "https://example.com")]] + strangers.map({ [("Host", $0)] }) {
        let answer = try await gateway.send("DELETE", "/_local/faults", headers: headers)
        #expect(answer.status == 403, "\(headers)")
      }
      for host in ["localhost", "localhost:80", "127.0.0.1", "127.255.0.9:8080", "[::1]", "[::1]:80"] {
        #expect(try await gateway.send("GET", "/_local/clock", headers: [("Host", host)]).status == 200, "\(host)")
      }
    }
  }

  @Test func whereOthersCanReachItItIsOffOrAsksForACredential() async throws {
    try await LocalGatewayHarness.with({ $0.host = "0.0.0.0" }) { gateway in
      let state = try await gateway.send("GET", "/_local/state")
      #expect(state.status == 404)
      #expect(try await gateway.send("GET", "/openstack/latest/securitykey").status == 404)
    }
    try await LocalGatewayHarness.with({
      $0.host = "0.0.0.0"
      $0.hasAdmin = true
    }) { gateway in
      let stranger = try await gateway.send("GET", "/_local/state", headers: [])
      #expect(stranger.status == 401)
      #expect(try await gateway.send("GET", "/_local/state").status == 200)
    }
  }

  @Test func aBatchIsLoggedWithItsFirstAPIsAndTheirNumber() async throws {
    try await LocalGatewayHarness.with { gateway in
      let groups = try await gateway.send("GET", Self.base + "/api-groups?name=orders")
      let group = try #require(groups.document["groups"]?.arrayValue?.first?["id"]?.stringValue)
      var apis: [String] = []
      for number in 1...51 {
        let made = try await gateway.send(
          "POST", Self.base + "/apis",
          """
          {"name":"many-\(number)","type":1,"req_protocol":"HTTPS","auth_type":"NONE","group_id":"\(group)",
          "req_method":"GET","req_uri":"/many/\(number)","backend_type":"MOCK","mock_info":{"result_content":"x"}}
          """)
        apis.append(try #require(made.document["id"]?.stringValue, "\(made.document.jsonText)"))
      }
      let list = apis.map { "\"\($0)\"" }.joined(separator: ",")
      let batch = try await gateway.send(
        "POST", Self.base + "/apis/publish?action=online",
        "{\"apis\":[\(list)],\"env_id\":\"\(GatewayEnvironment.releaseID)\"}")
      #expect(batch.status == 200, "\(batch.document.jsonText)")
      let entry = try #require(try await gateway.requests("limit=1").first)
      #expect(entry["changed_api_count"] == 51)
      #expect(entry["changed_apis"]?.arrayValue?.count == 50)
    }
  }

  /// Whatever answers, and whether it has an answer for HEAD or not.
  @Test(arguments: [
    "/_local/clock", "/v2/p0/apigw/instances/local/envs", "/v3/auth/tokens", "/nothing/here", "/_call/x/y",
  ])
  func headGetsNoBody(_ path: String) async throws {
    try await LocalGatewayHarness.with { gateway in
      let text = try await rawAnswer(
        from: gateway.url, to: "HEAD \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      #expect(text.hasPrefix("HTTP/1.1 4"), "\(text)")
      #expect(text.hasSuffix("\r\n\r\n") && text.components(separatedBy: "\r\n\r\n").count == 2, "\(text)")
    }
  }

  @Test func aWrongMethodIsRefused() async throws {
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.send("PUT", "/_local/faults", "{}")
      #expect(answer.status == 405 && answer.header("Allow") == "DELETE, GET, POST")
      #expect(answer.header("X-Request-Id")?.count == 32)
    }
  }
}

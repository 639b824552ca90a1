import GatewayAPI
import LocalGateway
import Testing

/// Calls of published APIs: the version in effect answers, in its environment, when it may be seen.
@Suite(.timeLimit(.minutes(5))) struct DataPlaneTests {
  private static let base = LocalGatewayHarness.base
  private static let staging = ["X-Stage": "STAGING"]

  /// Registers an API and publishes it to RELEASE.
  private static func make(
    _ name: String, _ members: String, _ gateway: LocalGatewayHarness, published: Bool = true
  ) async throws -> String {
    let groups = try await gateway.send("GET", base + "/api-groups?name=orders")
    let group = try #require(groups.document["groups"]?.arrayValue?.first?["id"]?.stringValue)
    let made = try await gateway.send("POST", base + "/apis", definition(name, members, group: group))
    let id = try #require(made.document["id"]?.stringValue, "\(made.document.jsonText)")
    if published { #expect(try await gateway.publish(id).status == 201) }
    return id
  }

  private static func definition(_ name: String, _ members: String, group: String) -> String {
    """
    {"name":"\(name)","type":1,"req_protocol":"HTTPS","auth_type":"NONE","group_id":"\(group)",\(members)}
    """
  }

  private static func mock(_ method: String, _ path: String, _ body: String, more: String = "") -> String {
    """
    "req_method":"\(method)","req_uri":"\(path)","backend_type":"MOCK","mock_info":{"result_content":"\(body)"}\(more)
    """
  }

  @Test func theVersionInEffectAnswersAndNamesItself() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await gateway.apiID("pay-methods")
      let answer = try await gateway.call("GET", "/_call/payments/payments/methods")
      #expect(answer.status == 200 && answer.document == ["api": "pay-methods", "ok": true])
      #expect(answer.header("Content-Type") == "application/json")
      let history = try await gateway.send("GET", Self.base + "/apis/publish/\(api)?env_name=RELEASE")
      let versions = (history.document["api_versions"]?.arrayValue ?? []).map(APIVersion.init(document:))
      let effective = try #require(versions.first { $0.isEffective })
      #expect(answer.header("X-Apig-Api-Id") == api)
      #expect(answer.header("X-Apig-Version-Id") == effective.versionID)
      #expect(answer.header("X-Apig-Version-No") == effective.versionNumber)
      #expect(answer.header("X-Request-Id")?.count == 32)
    }
  }

  @Test func aGroupIsCalledByItsDomainNameToo() async throws {
    try await LocalGatewayHarness.with { gateway in
      let groups = try await gateway.send("GET", Self.base + "/api-groups?name=payments")
      let domain = try #require(groups.document["groups"]?.arrayValue?.first?["sl_domain"]?.stringValue)
      #expect(try await gateway.call("GET", "/payments/methods", ["Host": domain]).status == 200)
      #expect(try await gateway.call("GET", "/payments/methods", ["Host": "\(domain.uppercased()):8080"]).status == 200)
      let id = domain.prefix { $0 != "." }
      #expect(try await gateway.call("GET", "/_call/\(id)/payments/methods").status == 200)
      #expect(try await gateway.call("GET", "/payments/methods", ["Host": "nobody.apic.local"]).status == 404)
    }
  }

  @Test func onlyWhatIsPublishedInTheStageAnswers() async throws {
    try await LocalGatewayHarness.with { gateway in
      let path = "/_call/payments/payments/quote"
      let missing = try await gateway.call("POST", path, Self.staging)
      #expect(missing.status == 404 && missing.code == "APIG.0101")
      #expect(missing.document["request_id"]?.stringValue == missing.header("X-Request-Id"))
      #expect(try await gateway.call("GET", path + "/x").status == 404)
      #expect(try await gateway.call("GET", "/_call/payments/nothing").status == 404)
      #expect(try await gateway.call("POST", "/_call/nobody/payments/quote").status == 404)
      #expect(try await gateway.call("POST", path, ["X-Stage": "NOWHERE"]).status == 404)
      #expect(try await gateway.call("GET", "/_call/payments").status == 404)
      #expect(try await gateway.call("POST", "/_call/payments/payments/webhook").code == "APIG.0101")
    }
  }

  @Test func publishOfflineAndSwitchTakeEffect() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await Self.make("versions", Self.mock("GET", "/versions", "one"), gateway)
      let path = "/_call/orders/versions"
      #expect(try await gateway.call("GET", path).text == "one")
      let first = try #require(try await gateway.call("GET", path).header("X-Apig-Version-Id"))
      let group = try await gateway.send("GET", Self.base + "/apis/\(api)").document["group_id"]?.stringValue ?? ""
      let changed = Self.definition("versions", Self.mock("GET", "/versions", "two"), group: group)
      #expect(try await gateway.send("PUT", Self.base + "/apis/\(api)", changed).status == 200)
      #expect(try await gateway.call("GET", path).text == "one")
      #expect(try await gateway.publish(api).status == 201)
      #expect(try await gateway.call("GET", path).text == "two")
      let back = try await gateway.send("PUT", Self.base + "/apis/publish/\(api)", "{\"version_id\":\"\(first)\"}")
      #expect(back.status == 200)
      #expect(try await gateway.call("GET", path).text == "one")
      #expect(try await gateway.takeOffline(api).status == 201)
      #expect(try await gateway.call("GET", path).status == 404)
    }
  }

  @Test func theMostSpecificAPIAnswers() async throws {
    try await LocalGatewayHarness.with { gateway in
      let prefix = ",\"match_mode\":\"SWA\""
      _ = try await Self.make("all", Self.mock("ANY", "/shop", "all", more: prefix), gateway)
      _ = try await Self.make("items", Self.mock("GET", "/shop/items", "items", more: prefix), gateway)
      _ = try await Self.make("one-item", Self.mock("GET", "/shop/items/{id}", "one"), gateway)
      _ = try await Self.make("new-item", Self.mock("ANY", "/shop/items/new", "new"), gateway)
      _ = try await Self.make("part", Self.mock("GET", "/shop/{kind}/parts", "part"), gateway)
      for (method, path, answer) in [
        ("GET", "/shop", "all"), ("DELETE", "/shop/x/y", "all"), ("GET", "/shop/items", "items"),
        ("GET", "/shop/items/7", "one"), ("GET", "/shop/items/a%2Fb", "one"), ("GET", "/shop/items/new", "new"),
        ("POST", "/shop/items/new", "new"), ("POST", "/shop/items/7", "all"), ("GET", "/shop/items/7/more", "items"),
        ("GET", "/shop/bolts/parts", "part"), ("GET", "/shop/items/parts", "one"), ("GET", "/shop/bolts", "all"),
      ] {
        #expect(try await gateway.call(method, "/_call/orders\(path)").text == answer, "\(method) \(path)")
      }
      #expect(try await gateway.call("GET", "/_call/orders/shopping").status == 404)
      // An exact path is exact.
      #expect(try await gateway.call("GET", "/_call/orders/orders/").status == 404)
    }
  }

  @Test func ofTwoAPIsInOnePlaceTheSameOneAlwaysAnswers() async throws {
    try await LocalGatewayHarness.with { gateway in
      let path = "/_call/orders/twice"
      let one = try await Self.make("first", Self.mock("GET", "/twice", "x"), gateway)
      #expect(try await gateway.call("GET", path).header("X-Apig-Api-Id") == one)
      // Its draft moves away and makes room for another; what was published stays where it is.
      let groups = try await gateway.send("GET", Self.base + "/api-groups?name=orders")
      let group = groups.document["groups"]?.arrayValue?.first?["id"]?.stringValue ?? ""
      let moved = Self.definition("first", Self.mock("GET", "/elsewhere", "x"), group: group)
      #expect(try await gateway.send("PUT", Self.base + "/apis/\(one)", moved).status == 200)
      let two = try await Self.make("second", Self.mock("GET", "/twice", "x"), gateway)
      for _ in 0..<2 {
        #expect(try await gateway.call("GET", path).header("X-Apig-Api-Id") == min(one, two))
        #expect(try await gateway.publish(two).status == 201)
      }
      #expect(try await gateway.takeOffline(min(one, two)).status == 201)
      #expect(try await gateway.call("GET", path).header("X-Apig-Api-Id") == max(one, two))
    }
  }

  @Test func aDraftThatMovedMovesWhenItIsPublished() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await Self.make("mover", Self.mock("GET", "/old", "moved"), gateway)
      #expect(try await gateway.call("GET", "/_call/orders/old").status == 200)
      let payments = try await gateway.send("GET", Self.base + "/api-groups?name=payments")
      let group = payments.document["groups"]?.arrayValue?.first?["id"]?.stringValue ?? ""
      let changed = Self.definition("mover", Self.mock("GET", "/new", "moved"), group: group)
      #expect(try await gateway.send("PUT", Self.base + "/apis/\(api)", changed).status == 200)
      #expect(try await gateway.call("GET", "/_call/orders/old").status == 200)
      #expect(try await gateway.publish(api).status == 201)
      #expect(try await gateway.call("GET", "/_call/orders/old").status == 404)
      #expect(try await gateway.call("GET", "/_call/payments/new").text == "moved")
    }
  }

  @Test func aMockSaysStatusAndHeaders() async throws {
    try await LocalGatewayHarness.with { gateway in
      let mock = """
        "req_method":"GET","req_uri":"/teapot","backend_type":"MOCK","mock_info":{"result_content":"short and stout",
        "status_code":418,"header":[{"key":"X-Kind","value":"tea"},{"key":"Content-Type","value":"text/tea"}]}
        """
      _ = try await Self.make("teapot", mock, gateway)
      let answer = try await gateway.call("GET", "/_call/orders/teapot")
      #expect(answer.status == 418 && answer.text == "short and stout")
      #expect(answer.header("X-Kind") == "tea" && answer.header("Content-Type") == "text/tea")
      _ = try await Self.make("anything", Self.mock("ANY", "/anything", "body"), gateway)
      let head = try await gateway.call("HEAD", "/_call/orders/anything")
      #expect(head.status == 200 && head.body.isEmpty && head.header("Content-Length") == "4")
    }
  }

  @Test(arguments: [204, 304])
  func aMockCannotBreakTheConnection(_ status: Int) async throws {
    try await LocalGatewayHarness.with { gateway in
      func mock(_ path: String, _ status: Int) -> String {
        """
        "req_method":"GET","req_uri":"\(path)","backend_type":"MOCK","mock_info":{"result_content":"body",
        "status_code":\(status),"header":[{"key":"Content-Length","value":"999"},{"key":"connection","value":"upgrade"},
        {"key":"Transfer-Encoding","value":"chunked"},{"key":"X-Kind","value":"tea"}]}
        """
      }
      _ = try await Self.make("bodyless", mock("/bodyless", status), gateway)
      _ = try await Self.make("framed", mock("/framed", 200), gateway)
      func raw(_ path: String) async throws -> String {
        try await rawAnswer(
          from: gateway.url, to: "GET /_call/orders\(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      }
      let bodyless = try await raw("/bodyless")
      #expect(bodyless.hasPrefix("HTTP/1.1 \(status) ") && bodyless.hasSuffix("\r\n\r\n"), "\(bodyless)")
      let framed = try await raw("/framed")
      #expect(framed.hasPrefix("HTTP/1.1 200 ") && framed.hasSuffix("\r\n\r\nbody"), "\(framed)")
      let head = framed.lowercased()
      #expect(head.contains("content-length: 4\r\n") && head.contains("x-kind: tea\r\n"))
      #expect(!head.contains("999") && !head.contains("chunked") && !head.contains("upgrade"))
    }
  }

  @Test func anotherBackendIsNamedAndNotCalled() async throws {
    try await LocalGatewayHarness.with { gateway in
      let http = """
        "req_method":"GET","req_uri":"/out","backend_type":"HTTP","backend_api":{"req_protocol":"HTTPS",
        "req_method":"POST","req_uri":"/in","url_domain":"backend.example.com","timeout":5000}
        """
      _ = try await Self.make("outgoing", http, gateway)
      let answer = try await gateway.call("GET", "/_call/orders/out")
      #expect(answer.status == 200 && answer.document["would_call"] == "POST https://backend.example.com/in")
    }
  }

  @Test func theDebuggingCallTriesTheDraft() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await Self.make("draft", Self.mock("GET", "/draft/{id}", "fresh"), gateway, published: false)
      func debug(_ mode: String, _ path: String) async throws -> String? {
        let body = "{\"mode\":\"\(mode)\",\"scheme\":\"HTTPS\",\"method\":\"GET\",\"path\":\"\(path)\"}"
        return try await gateway.send("POST", Self.base + "/apis/debug/\(api)", body).document["response"]?.stringValue
      }
      let draft = try #require(try await debug("DEVELOPER", "/draft/1"))
      #expect(draft.hasPrefix("HTTP/1.1 200 OK\r\n") && draft.hasSuffix("\r\n\r\nfresh"))
      #expect(try await debug("DEVELOPER", "/other")?.hasPrefix("HTTP/1.1 404 ") == true)
      #expect(try await debug("CONSUMER", "/draft/1")?.hasPrefix("HTTP/1.1 404 ") == true)
      #expect(try await gateway.publish(api).status == 201)
      #expect(try await debug("CONSUMER", "/draft/1")?.hasPrefix("HTTP/1.1 200 ") == true)
    }
  }

  @Test func aChangeOfAnotherGatewayOnTheFileIsSeen() async throws {
    try await LocalGatewayHarness.withFile { configuration in
      try await withLocalGateway(configuration) { first in
        try await withLocalGateway(configuration) { second in
          let (one, two) = (LocalGatewayHarness(url: first), LocalGatewayHarness(url: second))
          let path = "/_call/payments/payments/webhook"
          #expect(try await two.call("POST", path).status == 404)
          let api = try await one.apiID("pay-webhook")
          #expect(try await one.publish(api).status == 201)
          #expect(try await two.call("POST", path).status == 200)
          #expect(try await one.takeOffline(api).status == 201)
          #expect(try await two.call("POST", path).status == 404)
        }
      }
    }
  }

  @Test func aChangeMadeWhileTheClockWasAheadIsSeenAtOnce() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await gateway.apiID("pay-quote")
      let path = "/_call/payments/payments/quote"
      let before = try await gateway.call("POST", path).header("X-Apig-Version-Id")
      _ = try await gateway.setClock("{\"time\":\"2999-01-01T00:00:00Z\"}")
      let published = try #require(try await gateway.publish(api).document["version_id"]?.stringValue)
      _ = try await gateway.send("DELETE", "/_local/clock", headers: [])
      let after = try await gateway.call("POST", path).header("X-Apig-Version-Id")
      #expect(after == published && after != before)
      #expect(try await gateway.takeOffline(api).status == 201)
      #expect(try await gateway.call("POST", path).status == 404)
    }
  }

  // MARK: - Propagation

  private static let start = "2030-01-01T00:00:00Z"

  @Test func aChangeIsSeenAfterTheDelayAndNotBefore() async throws {
    try await LocalGatewayHarness.with({ $0.propagation = .seconds(10) }) { gateway in
      let api = try await gateway.apiID("pay-quote")
      let path = "/_call/payments/payments/quote"
      _ = try await gateway.setClock("{\"time\":\"\(Self.start)\"}")
      let before = try #require(try await gateway.call("POST", path).header("X-Apig-Version-Id"))
      let published = try await gateway.publish(api)
      let after = try #require(published.document["version_id"]?.stringValue)
      #expect(try await gateway.call("POST", path).header("X-Apig-Version-Id") == before)
      _ = try await gateway.setClock("{\"time\":\"2030-01-01T00:00:09.999Z\"}")
      #expect(try await gateway.call("POST", path).header("X-Apig-Version-Id") == before)
      // Offline four seconds before the publication is seen: each is seen in its turn.
      _ = try await gateway.setClock("{\"time\":\"2030-01-01T00:00:06Z\"}")
      #expect(try await gateway.takeOffline(api).status == 201)
      _ = try await gateway.setClock("{\"time\":\"2030-01-01T00:00:10Z\"}")
      #expect(try await gateway.call("POST", path).header("X-Apig-Version-Id") == after)
      _ = try await gateway.setClock("{\"time\":\"2030-01-01T00:00:16Z\"}")
      #expect(try await gateway.call("POST", path).status == 404)
      // Back in time everything is as it was.
      _ = try await gateway.setClock("{\"time\":\"2030-01-01T00:00:05Z\"}")
      #expect(try await gateway.call("POST", path).header("X-Apig-Version-Id") == before)
    }
  }

  @Test func theDelaySurvivesARestart() async throws {
    try await LocalGatewayHarness.withFile { configuration in
      var slow = configuration
      slow.propagation = .seconds(10)
      let path = "/_call/payments/payments/webhook"
      try await withLocalGateway(slow) { url in
        let gateway = LocalGatewayHarness(url: url)
        let api = try await gateway.apiID("pay-webhook")
        _ = try await gateway.setClock("{\"time\":\"\(Self.start)\"}")
        #expect(try await gateway.publish(api).status == 201)
        #expect(try await gateway.call("POST", path).status == 404)
      }
      try await withLocalGateway(slow) { url in
        let gateway = LocalGatewayHarness(url: url)
        _ = try await gateway.setClock("{\"time\":\"2030-01-01T00:00:09Z\"}")
        #expect(try await gateway.call("POST", path).status == 404)
        _ = try await gateway.setClock("{\"time\":\"2030-01-01T00:00:10Z\"}")
        #expect(try await gateway.call("POST", path).status == 200)
      }
    }
  }

  @Test func aVersionThatIsGoneAnswersUntilItsEndIsSeen() async throws {
    try await LocalGatewayHarness.with({
      $0.propagation = .seconds(10)
      $0.rules.keepsHistoryAfterOffline = false
    }) { gateway in
      let api = try await gateway.apiID("pay-quote")
      _ = try await gateway.setClock("{\"time\":\"\(Self.start)\"}")
      #expect(try await gateway.takeOffline(api).status == 201)
      #expect(try await gateway.versionCount(api) == 0)
      let answer = try await gateway.call("POST", "/_call/payments/payments/quote")
      #expect(answer.status == 200 && answer.header("X-Apig-Version-Id") != nil)
      _ = try await gateway.setClock("{\"time\":\"2030-01-01T00:00:10Z\"}")
      #expect(try await gateway.call("POST", "/_call/payments/payments/quote").status == 404)
    }
  }

  @Test func callsWhilePublishingSeeOneVersionAfterTheOther() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await gateway.apiID("pay-methods")
      let publisher = Task {
        for _ in 0..<30 {
          let answer = try await gateway.publish(api)
          #expect(answer.status == 201)
        }
      }
      var numbers: [String] = []
      for _ in 0..<100 {
        let answer = try await gateway.call("GET", "/_call/payments/payments/methods")
        #expect(answer.status == 200)
        numbers.append(answer.header("X-Apig-Version-No") ?? "")
      }
      try await publisher.value
      #expect(numbers == numbers.sorted())
      let history = try await gateway.send("GET", Self.base + "/apis/publish/\(api)?limit=1&env_name=RELEASE")
      let last = try await gateway.call("GET", "/_call/payments/payments/methods").header("X-Apig-Version-No")
      #expect(history.document["api_versions"]?.arrayValue?.first?["version_no"]?.stringValue == last)
    }
  }
}

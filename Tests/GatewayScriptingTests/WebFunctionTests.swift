import GatewayAPI
import GatewayScripting
import GatewayTestSupport
import GatewayTransport
import LocalGateway
import LuaRuntime
import ReleaseEngine
import RunJournal
import Testing

@Suite(.timeLimit(.minutes(5))) struct WebFunctionTests {
  /// A script beside a server, which it may turn to.
  private func with(
    answer: @escaping @Sendable (ReceivedRequest) async -> ScriptedAnswer = { _ in .json(200, "{\"calls\":3}") },
    _ body: @escaping @Sendable (ScriptHarness, ScriptedServer) async throws -> Void
  ) async throws {
    try await withScriptedServer(answer: answer) { server in
      try await ScriptHarness.with { harness in
        var harness = harness
        let web = try WebClient(HTTPTransportConfiguration())
        harness.surroundings.send = { try await web.send($0) }
        let permissions = Permissions(allowed: [Permission(.http, server.url)])
        harness.surroundings.permit = { permission in
          guard permissions.isAllowed(permission) else { throw permissions.refusal(of: permission) }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(harness, server)) } catch { result = .failure(error) }
        await web.shutdown()
        try result.get()
      }
    }
  }

  @Test func anAnswerIsARecord() async throws {
    try await with { harness, server in
      let value = try await harness(
        """
        local a = apig.http.get {
          url = "\(server.url)/m", query = { api = "a b", n = 2 }, headers = { ["X-Team"] = "pay" } }
        return { a.status, a:json().calls, a.body, a.headers["content-type"] }
        """)
      #expect(value == [200, 3, "{\"calls\":3}", "application/json"])
      #expect(server.requests.map(\.target) == ["/m?api=a%20b&n=2"])
      #expect(server.requests.first?.header("x-team") == "pay")
    }
  }

  @Test func bodiesAreSentAsTextOrJSON() async throws {
    try await with { harness, server in
      _ = try await harness(
        """
        apig.http.post { url = "\(server.url)/a", json = { list = { 1, 2 }, name = "x" } }
        apig.http.put { url = "\(server.url)/b", body = "plain", headers = { ["Content-Type"] = "text/plain" } }
        apig.http.delete { url = "\(server.url)/c" }
        """)
      #expect(server.requests.map(\.method) == ["POST", "PUT", "DELETE"])
      #expect(server.requests.map(\.bodyText) == ["{\"list\":[1,2],\"name\":\"x\"}", "plain", ""])
      #expect(server.requests.map { $0.header("content-type") ?? "" } == ["application/json", "text/plain", ""])
    }
  }

  @Test func aFailedStatusIsNoError() async throws {
    try await with(answer: { _ in .json(503, "busy") }) { harness, server in
      let value = try await harness(
        """
        local a = apig.http.get { url = "\(server.url)/" }
        local _, e = pcall(a.json, a)
        return { a.status, e.kind, e.message }
        """)
      #expect(value == [503, "invalid", "the answer (HTTP 503) is no JSON"])
    }
  }

  @Test func anotherOriginNeedsAGrant() async throws {
    try await with { harness, server in
      let error = try await harness(
        """
        local _, e = pcall(apig.http.get, { url = "\(server.url.replacing("127.0.0.1", with: "localhost"))/" })
        return { e.kind, e.hint }
        """)
      let origin = server.url.replacing("127.0.0.1", with: "localhost")
      #expect(
        error == [
          "refused", .string("run with --allow http:\(origin), or add it to permissions: allow: in apig.yaml"),
        ])
      #expect(server.requests.isEmpty)
    }
  }

  @Test func aRedirectIsFollowedToItsOwnOriginOnly() async throws {
    try await with(answer: { request in
      let target = request.path == "/here" ? "/there" : "http://localhost:1/elsewhere"
      return .bytesThenClose(
        Array("HTTP/1.1 302 Found\r\nLocation: \(target)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8))
    }) { harness, server in
      let status = try await harness("return apig.http.get { url = '\(server.url)/here' }.status")
      #expect(status == 302)
      #expect(server.requests.map(\.path) == ["/here", "/there"])
    }
  }

  @Test func aLostAnswerOfAWriteIsAnUnknownOutcome() async throws {
    try await with(answer: { _ in .close }) { harness, server in
      let kinds = try await harness(
        """
        local function kind(f) return select(2, pcall(f, { url = "\(server.url)/x?key=hidden" })) end
        local read, write = kind(apig.http.get), kind(apig.http.post)
        return { read.kind, write.kind, (read.message .. write.message):find("hidden") == nil }
        """)
      #expect(kinds == ["unavailable", "unknown_outcome", true])
    }
  }

  @Test func whatTheRunBeganBeforeIsNotSentAgain() async throws {
    try await with { harness, server in
      let call = RecordedCall(
        "http.post", ["url": .string("\(server.url)/pay"), "headers": [], "body": "once"])
      var resumed = harness
      resumed.recorder = RunRecorder(replaying: [
        JournalEntry(
          sequence: 1, kind: .intent, time: VirtualClock.start, operation: call.operation, digest: call.digest)
      ])
      let kind = try await resumed(
        "return select(2, pcall(apig.http.post, { url = '\(server.url)/pay', body = 'once' })).kind")
      #expect(kind == "unknown_outcome")
      #expect(server.requests.isEmpty)
    }
  }

  @Test func bytesThatAreNoTextComeWhole() async throws {
    let bytes: [UInt8] = [0xFF, 0x00, 0x80, 0x41]
    try await with(answer: { _ in
      .bytesThenClose(Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n".utf8) + bytes)
    }) { harness, server in
      let value = try await harness("return { apig.http.get { url = '\(server.url)/' }.body:byte(1, -1) }")
      #expect(value == [0xFF, 0, 0x80, 0x41])
    }
  }

  @Test(arguments: [
    ("{}", "'http.get' needs 'url'"), ("{ url = 'example.com' }", "is no URL"), ("{ url = 'ftp://x/' }", "is no URL"),
    ("{ url = 'http://u:p@x/' }", "is no URL"), ("{ url = 'http://x/', body = 'b' }", "unknown option 'body'"),
    ("{ url = 'http://x/', headers = { ['a b'] = 'c' } }", "cannot be sent"),
    ("{ url = 'http://x/', headers = { a = 'b\\r\\nc: d' } }", "cannot be sent"),
    ("{ url = 'http://x/', query = { a = {} } }", "bad option 'query'"), ("{ url = '/here' }", "is no whole URL"),
  ])
  func wrongRequestsAreNamed(_ options: String, _ message: String) async throws {
    try await with { harness, _ in
      let error = await #expect(throws: LuaError.self) { try await harness("apig.http.get \(options)") }
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }
  }
}

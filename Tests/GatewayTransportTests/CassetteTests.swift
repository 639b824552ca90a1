import Foundation
import GatewayAPI
import GatewaySigning
import GatewayTestSupport
import GatewayTransport
import Testing

@Suite(.timeLimit(.minutes(5))) struct CassetteTests {
  private func record(
    _ file: String, _ server: ScriptedServer, _ requests: [SignableRequest]
  ) async throws -> [Result<GatewayResponse, TransportFailure>] {
    let recorder = try CassetteRecorder(path: file)
    defer { recorder.finish() }
    return try await send(requests, to: server.url, .recording(recorder))
  }

  private func send(
    _ requests: [SignableRequest], to url: String, _ mode: Cassette.Mode
  ) async throws -> [Result<GatewayResponse, TransportFailure>] {
    try await withTransport({ $0.cassette = Cassette(mode, gateway: "test") }) { transport in
      var results: [Result<GatewayResponse, TransportFailure>] = []
      for request in requests {
        do {
          results.append(.success(try await transport.send(request, to: Endpoint(url))))
        } catch let failure as TransportFailure {
          results.append(.failure(failure))
        }
      }
      return results
    }
  }

  private static let post = SignableRequest(
    method: "POST", path: "/v2/p/apis", query: [("b", "2"), ("a", "1 x")],
    headers: [("Content-Type", "application/json"), ("X-Auth-Token", "token-secret"), ("X-Project-Id", "project")],
    body: Array("{\"name\":\"ann\",\"password\":\"body-secret\"}".utf8))

  /// Answers with the number of the request; `/cut` with nothing.
  private static let counting: @Sendable (Int, ReceivedRequest) -> ScriptedAnswer = { number, request in
    request.path == "/cut" ? .close : .json(200, "{\"number\":  \(number)}")
  }

  private func withCounting<Value: Sendable>(
    _ body: @escaping @Sendable (ScriptedServer) async throws -> Value
  ) async throws -> Value {
    let counter = Counts()
    return try await withScriptedServer(
      answer: { request in
        counter.countStream()
        return Self.counting(counter.streams, request)
      }, body)
  }

  @Test func aReplayGivesWhatWasRecordedWithoutAnySocket() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "run.cassette").path
      let requests: [SignableRequest] = [.get("/a"), .get("/b"), .get("/a"), Self.post, .get("/cut")]
      let (recorded, url) = try await withCounting { (try await self.record(file, $0, requests), $0.url) }
      #expect(recorded.count == 5)
      // The server is gone; unlike requests may come in another order.
      let player = try CassettePlayer(path: file)
      #expect(player.unused.count == 4)
      let order = [3, 0, 1, 4, 2]
      let replayed = try await send(order.map { requests[$0] }, to: url, .replaying(player))
      #expect(player.unused.isEmpty)
      for (index, result) in zip(order, replayed) {
        switch (recorded[index], result) {
        case (.success(let was), .success(let now)):
          #expect(now.status == was.status && now.body == was.body && now.requestID == was.requestID)
        case (.failure(let was), .failure(let now)): #expect(was == now)
        default: Issue.record("\(index): \(recorded[index]) and \(result)")
        }
      }
    }
  }

  @Test func theFileIsPrivateAndHoldsNoSecret() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "run.cassette").path
      _ = try await withCounting { try await self.record(file, $0, [Self.post]) }
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(!text.contains("-secret") && !text.lowercased().contains("x-auth-token") && !text.contains("project"))
      #expect(text.contains("\\\"name\\\":\\\"ann\\\"") && text.hasPrefix("{\"cassette\":1"))
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  @Test func secretsAndTheOrderOfTheQueryDoNotMatter() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "run.cassette").path
      _ = try await withCounting { try await self.record(file, $0, [Self.post]) }
      var request = Self.post
      request.query.reverse()
      request.headers = []
      request.body = Array("{ \"password\": \"another\", \"name\": \"ann\" }".utf8)
      let results = try await send([request], to: "http://localhost:1", .replaying(CassettePlayer(path: file)))
      #expect(try results[0].get().status == 200)
    }
  }

  @Test func aRequestThatWasNotRecordedNamesTheNearest() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "run.cassette").path
      _ = try await withCounting { try await self.record(file, $0, [.get("/v2/p/apis"), Self.post]) }
      var other = Self.post
      other.body = []
      var query = Self.post
      query.query = []
      for (request, says) in [
        (SignableRequest.get("/v2/p/apis/1"), "no answer to GET /v2/p/apis/1; the nearest it has is GET /v2/p/apis"),
        (other, "the nearest it has is the same with another body"),
        (query, "the nearest it has is POST /v2/p/apis?a=1%20x&b=2"),
      ] {
        let player = try CassettePlayer(path: file)
        let error = await #expect(throws: GatewayError.self) {
          _ = try await send([request], to: "http://localhost:1", .replaying(player))
        }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
      }
      let player = try CassettePlayer(path: file)
      let error = await #expect(throws: GatewayError.self) {
        _ = try await send([Self.post, Self.post], to: "http://localhost:1", .replaying(player))
      }
      #expect(error?.message.contains("used up") == true)
    }
  }

  @Test func nothingIsOverwritten() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "run.cassette")
      try Data("notes".utf8).write(to: file)
      let error = #expect(throws: GatewayError.self) { try CassetteRecorder(path: file.path) }
      #expect(error?.kind == .usage && error?.message.contains("is not empty") == true)
      #expect(try String(contentsOf: file, encoding: .utf8) == "notes")
      try Data().write(to: file)
      #expect(throws: Never.self) { try CassetteRecorder(path: file.path).finish() }
      #expect(throws: GatewayError.self) { try CassetteRecorder(path: folder.path + "/nowhere/x") }
      #expect(throws: GatewayError.self) { try CassetteRecorder(path: folder.path) }
    }
  }

  @Test func theBeginningOfALineIsLeftOutAndOtherDamageIsNamed() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "run.cassette")
      _ = try await withCounting { try await self.record(file.path, $0, [.get("/a"), .get("/b")]) }
      let whole = try Data(contentsOf: file)
      try whole.dropLast(20).write(to: file)
      #expect(try CassettePlayer(path: file.path).unused == ["GET /a"])
      for (damaged, says) in [
        (whole + Data("{}\n".utf8), "\(file.path):4 is no entry"), (Data("{\"cassette\":2}\n".utf8), "version 2"),
        (Data(), "is no cassette"), (Data("\n\n".utf8), "is no cassette"), (Data("hello".utf8), "is no cassette"),
      ] {
        try damaged.write(to: file)
        let error = #expect(throws: GatewayError.self) { try CassettePlayer(path: file.path) }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
      }
      #expect(throws: GatewayError.self) { try CassettePlayer(path: folder.path + "/nowhere") }
    }
  }

  @Test func bytesThatAreNoTextAndFormsWithOtherBoundariesAreKept() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "run.cassette").path
      @Sendable func form(_ boundary: String) -> SignableRequest {
        SignableRequest(
          method: "POST", path: "/import", headers: [("Content-Type", "multipart/form-data; boundary=\(boundary)")],
          body: Array("--\(boundary)\r\n\r\nx\r\n--\(boundary)--".utf8))
      }
      let bytes: [UInt8] = [0xFF, 0x00, 0xFE]
      let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n".utf8) + bytes
      _ = try await withScriptedServer(answer: { _ in .bytesThenClose(answer) }) {
        try await self.record(file, $0, [form("one")])
      }
      let results = try await send([form("two")], to: "http://localhost:1", .replaying(CassettePlayer(path: file)))
      #expect(try results[0].get().body == bytes)
    }
  }
}

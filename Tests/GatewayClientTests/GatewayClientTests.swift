import GatewayAPI
import GatewayClient
import GatewaySigning
import GatewayTestSupport
import GatewayTransport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct GatewayClientTests {
  private static let page = "{\"total\":0,\"size\":0,\"envs\":[]}"

  private func client(
    _ url: String, _ change: (inout GatewayClientConfiguration) -> Void = { _ in }
  ) throws -> GatewayClient {
    var configuration = GatewayClientConfiguration(
      endpoint: url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "i"),
      credentials: GatewayAuthentication.token("t"), gatewayName: "test")
    change(&configuration)
    return try GatewayClient(configuration: configuration)
  }

  /// Reads that differ, so that none joins another.
  private static func list(_ number: Int) -> ListEnvironments {
    var list = ListEnvironments()
    list.limit = number
    return list
  }

  @Test func noMoreRequestsAreInFlightThanAllowed() async throws {
    let gate = Gate()
    let answer: @Sendable (ReceivedRequest) async -> ScriptedAnswer = { _ in
      await gate.wait()
      return .json(200, Self.page)
    }
    try await withScriptedServer(answer: answer) { server in
      let client = try client(server.url) {
        $0.concurrency = 3
        // However slow the machine is: none gives up while the gate is shut.
        $0.transport.requestTimeout = .seconds(600)
        $0.transport.silenceTimeout = .seconds(600)
      }
      try await withThrowingTaskGroup { group in
        for number in 1...6 { group.addTask { _ = try await client.perform(Self.list(number)) } }
        // The first three wait for answers; the others are sent only as those get theirs.
        while server.requests.count < 3 { try await Task.sleep(for: .milliseconds(1)) }
        for _ in 0..<20 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(server.requests.count == 3)
        gate.open()
        try await group.waitForAll()
      }
      #expect(server.requests.count == 6)
      await client.shutdown()
    }
  }

  @Test func cancellingEndsARequestInFlightAndOneThatWaits() async throws {
    try await withScriptedServer(answer: { _ in .silence }) { server in
      let client = try client(server.url) { $0.concurrency = 1 }
      let tasks = (1...2).map { number in Task { try await client.perform(Self.list(number)) } }
      while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
      for task in tasks { task.cancel() }
      for task in tasks {
        await #expect(throws: CancellationError.self) { try await task.value }
      }
      #expect(server.requests.count == 1)
      await client.shutdown()
    }
  }

  @Test func aChangeThatIsOnItsWayIsCarriedToItsEndAndNoOtherIsSent() async throws {
    let (cancelled, continuation) = AsyncStream.makeStream(of: Void.self)
    let answer: @Sendable (ReceivedRequest) async -> ScriptedAnswer = { _ in
      for await _ in cancelled { break }
      return .json(201, "{\"version_id\":\"v1\"}")
    }
    try await withScriptedServer(answer: answer) { server in
      let client = try client(server.url) { $0.concurrency = 1 }
      let id = String(repeating: "a", count: 32)
      let first = Task { try await client.perform(Publish(apiID: id, environmentID: "e")) }
      while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
      let second = Task { try await client.perform(Publish(apiID: id, environmentID: "e")) }
      first.cancel()
      second.cancel()
      await #expect(throws: CancellationError.self) { try await second.value }
      continuation.yield()
      #expect(try await first.value.versionID == "v1")
      #expect(server.requests.count == 1)
      await client.shutdown()
    }
  }

  @Test func anAnswerOverTheCapIsRefused() async throws {
    let big = "{\"envs\":[\"\(String(repeating: "x", count: 3000))\"]}"
    try await withScriptedServer(answer: { _ in .json(200, big) }) { server in
      let client = try client(server.url) { $0.transport.maximumBodyBytes = 2000 }
      let error = await #expect(throws: GatewayError.self) { try await client.perform(ListEnvironments()) }
      #expect(error?.kind == .unavailable)
      #expect(error?.message.contains("larger than") == true)
      #expect(error?.operation == "envs" && error?.gateway == "test")
      await client.shutdown()
    }
  }

  @Test func oneConnectionServesManyRequests() async throws {
    try await withScriptedServer(answer: { _ in .json(200, Self.page) }) { server in
      let client = try client(server.url)
      for _ in 0..<20 { _ = try await client.perform(ListEnvironments()) }
      #expect(server.requests.count == 20)
      #expect(server.requests.allSatisfy { $0.header("X-Auth-Token") == "t" })
      await client.shutdown()
    }
  }

  @Test(arguments: [
    "", "localhost", "http://127.0.0.1:99999", "http://x/#y", "ftp://x", "http://", "http://u:p@x", "http://x?y",
  ])
  func whatIsNoEndpointIsRefused(_ endpoint: String) {
    let error = #expect(throws: GatewayError.self) { try client(endpoint) }
    #expect(error?.kind == .usage)
  }
}

import GatewayAPI
import GatewaySigning
import GatewayTestSupport
import GatewayTransport
import Synchronization
import Testing

@testable import GatewayClient

/// Answers requests one after the other as a test says; the last answer is given for ever.
private final class Answers: Sendable {
  private let rest: Mutex<[ScriptedAnswer]>

  init(_ answers: ScriptedAnswer...) { rest = Mutex(answers) }

  func next() -> ScriptedAnswer { rest.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } }
}

private let page = ScriptedAnswer.json(200, "{\"total\":0,\"size\":0,\"envs\":[]}")
private let published = ScriptedAnswer.json(201, "{\"version_id\":\"v1\"}")
private let id = String(repeating: "a", count: 32)

private func failure(_ status: Int, _ code: String, _ message: String = "no") -> ScriptedAnswer {
  .json(status, "{\"error_code\":\"\(code)\",\"error_msg\":\"\(message)\"}")
}

private func with<Value: Sendable>(
  _ answers: Answers, _ change: @escaping @Sendable (inout GatewayClientConfiguration) -> Void = { _ in },
  _ body: @escaping @Sendable (GatewayClient, ScriptedServer) async throws -> Value
) async throws -> Value {
  try await withScriptedServer(answer: { _ in answers.next() }) { server in
    var configuration = GatewayClientConfiguration(
      endpoint: server.url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "i"),
      credentials: GatewayAuthentication.token("t"), gatewayName: "test")
    configuration.retries.firstDelay = .milliseconds(1)
    change(&configuration)
    let client = try GatewayClient(configuration: configuration)
    let result: Result<Value, any Error>
    do { result = .success(try await body(client, server)) } catch { result = .failure(error) }
    await client.shutdown()
    return try result.get()
  }
}

@Suite(.timeLimit(.minutes(5))) struct RetryTests {
  @Test(arguments: [
    failure(500, "APIG.9999"), failure(503, "APIG.9999"), .json(502, "<html>bad gateway</html>"), .close,
    .bytesThenClose(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"tot".utf8)),
  ])
  func aReadIsTriedAgainUntilItWorks(_ bad: ScriptedAnswer) async throws {
    try await with(Answers(bad, bad, page)) { client, server in
      _ = try await client.perform(ListEnvironments())
      #expect(server.requests.count == 3)
      #expect(client.statistics.requests == 3)
      #expect(client.statistics.retries == 2)
    }
  }

  @Test func triesEndAndTheErrorSaysHowManyThereWere() async throws {
    try await with(Answers(failure(500, "APIG.9999", "System error")), { $0.retries.maximumTries = 3 }) {
      client, server in
      let error = await #expect(throws: GatewayError.self) { try await client.perform(ListEnvironments()) }
      #expect(error?.kind == .unavailable && error?.attempts == 3 && error?.code == .systemError)
      #expect(error?.requestID == "scripted-1")
      #expect(server.requests.count == 3)
    }
  }

  @Test(arguments: [failure(404, "APIG.3003"), failure(400, "APIG.2012"), failure(403, "APIG.1005"), .json(302, "")])
  func whatWouldEndTheSameWayIsNotTriedAgain(_ answer: ScriptedAnswer) async throws {
    try await with(Answers(answer)) { client, server in
      let error = await #expect(throws: GatewayError.self) { try await client.perform(ListEnvironments()) }
      #expect(error != nil)
      #expect(server.requests.count == 1)
    }
  }

  @Test(arguments: [failure(500, "APIG.9999"), .json(504, "<html>"), .close])
  func aChangeWhoseOutcomeIsOpenIsSentOnce(_ bad: ScriptedAnswer) async throws {
    try await with(Answers(bad, published)) { client, server in
      let error = await #expect(throws: GatewayError.self) {
        try await client.perform(Publish(apiID: id, environmentID: "e"))
      }
      #expect(error?.kind == .unknownOutcome)
      #expect(server.requests.count == 1)
    }
  }

  @Test func aChangeThatSaysWhatShallBeIsTriedAgain() async throws {
    try await with(Answers(.close, failure(500, "APIG.9999"), failure(404, "APIG.3002"))) { client, server in
      // Deleted by the first or second try: what was to go is not there.
      var delete = DeleteAPI()
      delete.apiID = id
      _ = try await client.perform(delete)
      #expect(server.requests.count == 3)
    }
  }

  @Test(arguments: [ScriptedAnswer.json(201, ""), .json(201, "<html>"), .json(201, "[]")])
  func anAnswerToAChangeThatCannotBeReadLeavesItsOutcomeOpen(_ answer: ScriptedAnswer) async throws {
    try await with(Answers(answer), { $0.joinsWrites = false }) { client, server in
      let error = await #expect(throws: GatewayError.self) {
        try await client.perform(Publish(apiID: id, environmentID: "e"))
      }
      #expect(error?.kind == .unknownOutcome)
      #expect(server.requests.count == 1)
    }
    try await with(Answers(answer)) { client, _ in
      let error = await #expect(throws: GatewayError.self) {
        try await client.perform(Publish(apiID: id, environmentID: "e"))
      }
      #expect(error?.kind == .unknownOutcome)
    }
  }

  @Test func aTryThatWasLostIsNotForgotten() async throws {
    let throttled = failure(429, "APIG.0308")
    try await with(Answers(.close, throttled), { $0.retries.maximumThrottles = 1 }) { client, _ in
      var update = UpdateAPI()
      update.apiID = id
      update.definition = [:]
      let operation = update
      let error = await #expect(throws: GatewayError.self) { try await client.perform(operation) }
      #expect(error?.kind == .unknownOutcome && error?.attempts == 3)
    }
  }

  @Test func aStatedLimitThatNobodyCanWaitForEndsInAnError() async throws {
    let throttled = failure(429, "APIG.0308", "policy user over ratelimit,limit:1,time:1 day")
    try await with(Answers(throttled)) { client, server in
      let error = await #expect(throws: GatewayError.self) { try await client.perform(ListEnvironments()) }
      #expect(error?.kind == .throttled)
      #expect(server.requests.count == 1)
    }
  }

  @Test func anErrorSaysHowOftenItsRequestWasSent() async throws {
    try await with(Answers(.close, failure(404, "APIG.3003"))) { client, _ in
      let error = await #expect(throws: GatewayError.self) { try await client.perform(ListEnvironments()) }
      #expect(error?.kind == .notFound && error?.attempts == 2)
    }
  }

  @Test func deletingWhatIsNotThereIsAnErrorWhenNoTryWasLost() async throws {
    try await with(Answers(failure(404, "APIG.3002"))) { client, _ in
      var delete = DeleteAPI()
      delete.apiID = id
      let operation = delete
      let error = await #expect(throws: GatewayError.self) { try await client.perform(operation) }
      #expect(error?.kind == .notFound)
    }
  }

  @Test func aThrottledChangeIsSentAgainAndTheStatedLimitAdopted() async throws {
    let throttled = failure(429, "APIG.0308", "policy user over ratelimit,limit:200,time:1 second")
    try await with(Answers(throttled, throttled, published)) { client, server in
      let publication = try await client.perform(Publish(apiID: id, environmentID: "e"))
      #expect(publication.versionID == "v1")
      #expect(server.requests.count == 3)
      #expect(client.statistics.throttled == 2)
      #expect(client.statistics.limit?.description == "200/s")
    }
  }

  @Test func retryAfterIsObeyed() async throws {
    let wait = "HTTP/1.1 429 Too Many\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
    try await with(Answers(.bytesThenClose(Array(wait.utf8)), page)) { client, _ in
      let begin = ContinuousClock.now
      _ = try await client.perform(ListEnvironments())
      #expect(ContinuousClock.now - begin >= .seconds(1))
    }
  }

  @Test func aGatewayThatAsksForTooLongAWaitEndsInAnError() async throws {
    let wait = "HTTP/1.1 429 Too Many\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n"
    try await with(Answers(.bytesThenClose(Array(wait.utf8)))) { client, server in
      let error = await #expect(throws: GatewayError.self) { try await client.perform(ListEnvironments()) }
      #expect(error?.kind == .throttled)
      #expect(server.requests.count == 1)
    }
  }

  @Test func aTransientConflictIsTriedAgain() async throws {
    try await with(Answers(failure(409, "APIG.3718"), published)) { client, server in
      _ = try await client.perform(Publish(apiID: id, environmentID: "e"))
      #expect(server.requests.count == 2)
    }
  }

  @Test func nobodyListening() async throws {
    try await withClosedPort { url in
      var configuration = GatewayClientConfiguration(
        endpoint: url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "i"),
        credentials: GatewayAuthentication.token("t"), gatewayName: "test")
      configuration.retries.firstDelay = .milliseconds(1)
      let client = try GatewayClient(configuration: configuration)
      let error = await #expect(throws: GatewayError.self) {
        try await client.perform(Publish(apiID: id, environmentID: "e"))
      }
      // Nothing was sent, so even a change is tried again and its outcome is known.
      #expect(error?.kind == .unavailable && error?.attempts == 5)
      await client.shutdown()
    }
  }

  @Test func aRefusedCredentialIsRenewedOnce() async throws {
    let renewing = RenewingCredentials()
    let refusing: @Sendable (ReceivedRequest) -> ScriptedAnswer = {
      $0.header("X-Auth-Token") == "new" ? published : failure(401, "APIG.1001")
    }
    try await withScriptedServer(answer: refusing) { server in
      let client = try GatewayClient(
        configuration: GatewayClientConfiguration(
          endpoint: server.url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "i"),
          credentials: renewing, gatewayName: "test"))
      _ = try await client.perform(Publish(apiID: id, environmentID: "e"))
      #expect(server.requests.map { $0.header("X-Auth-Token") } == ["old", "new"])
      await client.shutdown()
    }
  }

  @Test func retryAfterTakesSecondsAndDates() throws {
    let now = try #require(Timestamp("2026-11-21T08:49:30Z"))
    #expect(RetryAfter.duration("120", now: now) == .seconds(120))
    #expect(RetryAfter.duration("Sat, 21 Nov 2026 08:49:37 GMT", now: now) == .seconds(7))
    #expect(RetryAfter.duration("Sat, 21 Nov 2026 08:00:00 GMT", now: now) == .zero)
    for text in ["", "soon", "-1", "1.5", "Sat, 21 Foo 2026 08:49:37 GMT"] {
      #expect(RetryAfter.duration(text, now: now) == nil, "\(text)")
    }
  }

  @Test func delaysGrowUpToTheirBound() {
    var policy = RetryPolicy()
    policy.firstDelay = .milliseconds(100)
    policy.longestDelay = .seconds(1)
    var generator = SystemRandomNumberGenerator()
    for (tries, bound) in [(1, 100), (2, 200), (3, 400), (10, 1000), (1000, 1000)] {
      let delays = (0..<200).map { _ in policy.delay(after: tries, using: &generator) }
      #expect(delays.allSatisfy { $0 >= .zero && $0 <= .milliseconds(bound) })
      #expect(delays.contains { $0 > .milliseconds(bound) / 2 })
    }
  }
}

private struct RenewingCredentials: CredentialProvider {
  private let state = RenewalState()

  func authentication() async throws -> GatewayAuthentication { .token(state.token) }

  func authentication(replacing refused: GatewayAuthentication) async throws -> GatewayAuthentication? {
    state.token = "new"
    return .token("new")
  }
}

private final class RenewalState: Sendable {
  private let value = Mutex("old")
  var token: String {
    get { value.withLock { $0 } }
    set { value.withLock { $0 = newValue } }
  }
}

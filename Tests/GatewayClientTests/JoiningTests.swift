import GatewayAPI
import GatewayClient
import GatewaySigning
import GatewayTestSupport
import Synchronization
import Testing

private func apiID(_ number: Int) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 32 - digits.count) + digits
}

private func client(_ url: String, concurrency: Int = 8, joins: Bool = true) throws -> GatewayClient {
  var configuration = GatewayClientConfiguration(
    endpoint: url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "i"),
    credentials: GatewayAuthentication.token("t"), gatewayName: "test")
  configuration.concurrency = concurrency
  configuration.joinsWrites = joins
  return try GatewayClient(configuration: configuration)
}

/// Does what a gateway does with publishes; APIs with an odd number fail in batches.
@Sendable private func publishing(_ request: ReceivedRequest) -> ScriptedAnswer {
  guard let body = try? Document(json: request.body) else { return .json(400, "{}") }
  guard let apis = body["apis"]?.arrayValue else {
    return .json(201, "{\"api_id\":\"\(body["api_id"]?.stringValue ?? "")\",\"version_id\":\"single\"}")
  }
  var success: [Document] = []
  var failure: [Document] = []
  for api in apis {
    if let last = api.stringValue?.last?.hexDigitValue, last % 2 == 1 {
      failure.append(["api_id": api, "error_code": "APIG.3002", "error_msg": "gone"])
    } else {
      success.append(["api_id": api, "version_id": "batch"])
    }
  }
  return .json(200, Document.object(["success": .array(success), "failure": .array(failure)]).jsonText)
}

@Suite(.timeLimit(.minutes(5))) struct JoiningTests {
  @Test func identicalReadsInFlightShareOneRequest() async throws {
    let gate = Gate()
    let answer: @Sendable (ReceivedRequest) async -> ScriptedAnswer = { _ in
      await gate.wait()
      return .json(200, "{\"total\":1,\"size\":1,\"envs\":[{\"id\":\"e\",\"name\":\"RELEASE\"}]}")
    }
    try await withScriptedServer(answer: answer) { server in
      let client = try client(server.url)
      let readers = (0..<100).map { _ in Task { try await client.perform(ListEnvironments()).items.count } }
      while client.statistics.joinedReads < 99 { try await Task.sleep(for: .milliseconds(1)) }
      // One that leaves takes nobody along.
      readers[0].cancel()
      await #expect(throws: CancellationError.self) { try await readers[0].value }
      gate.open()
      for reader in readers.dropFirst() { #expect(try await reader.value == 1) }
      #expect(server.requests.count == 1)
      _ = try await client.perform(ListEnvironments())
      #expect(server.requests.count == 2)
      await client.shutdown()
    }
  }

  @Test func aReadAfterAChangeNeverJoinsOneFromBefore() async throws {
    let gate = Gate()
    let answer: @Sendable (ReceivedRequest) async -> ScriptedAnswer = { request in
      guard request.method == "GET" else { return publishing(request) }
      await gate.wait()
      return .json(200, "{\"total\":0,\"size\":0,\"api_versions\":[]}")
    }
    try await withScriptedServer(answer: answer) { server in
      let client = try client(server.url)
      let history = History(apiID: apiID(1), environmentID: "e")
      let before = Task { try await client.perform(history) }
      while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
      _ = try await client.perform(Publish(apiID: apiID(1), environmentID: "e"))
      let after = Task { try await client.perform(history) }
      while server.requests.count < 3 { try await Task.sleep(for: .milliseconds(1)) }
      gate.open()
      _ = try await before.value
      _ = try await after.value
      #expect(server.requests.map(\.method) == ["GET", "POST", "GET"])
      await client.shutdown()
    }
  }

  @Test func concurrentPublishesGoOutAsOneBatchAndEachGetsItsOwnResult() async throws {
    try await withScriptedServer(answer: publishing) { server in
      let client = try client(server.url, concurrency: 1)
      let outcomes = await withTaskGroup(of: (Int, Result<Publication, any Error>).self) { group in
        for number in 0..<500 {
          group.addTask {
            do {
              return (number, .success(try await client.perform(Publish(apiID: apiID(number), environmentID: "e"))))
            } catch { return (number, .failure(error)) }
          }
        }
        return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      let batches = server.requests.compactMap { try? Document(json: $0.body)["apis"]?.arrayValue?.count }
      let singles = server.requests.count - batches.count
      #expect(batches.reduce(0, +) + singles == 500)
      #expect(server.requests.count < 100)
      #expect(client.statistics.joinedWrites == batches.reduce(0, +))
      for number in 0..<500 where batches.reduce(0, +) == 500 {
        switch outcomes[number] {
        case .success(let publication)?: #expect(number % 2 == 0 && publication.apiID == apiID(number))
        case .failure(let error)?: #expect(number % 2 == 1 && (error as? GatewayError)?.code == .apiNotFound)
        case nil: Issue.record("no outcome of \(number)")
        }
      }
      await client.shutdown()
    }
  }

  @Test func whatDiffersIsNotJoined() async throws {
    try await withScriptedServer(answer: publishing) { server in
      let client = try client(server.url)
      try await withThrowingTaskGroup { group in
        for remark in ["a", "b"] {
          group.addTask {
            _ = try await client.perform(Publish(apiID: apiID(2), environmentID: "e", remark: remark))
          }
        }
        group.addTask { _ = try await client.perform(Publish(apiID: apiID(4), environmentID: "f", remark: "a")) }
        group.addTask { _ = try await client.perform(Offline(apiID: apiID(6), environmentID: "e", remark: "a")) }
        // The same once more: twice published is two versions, never one.
        group.addTask { _ = try await client.perform(Publish(apiID: apiID(2), environmentID: "e", remark: "a")) }
        try await group.waitForAll()
      }
      #expect(server.requests.count == 5)
      #expect(client.statistics.joinedWrites == 0)
      await client.shutdown()
    }
  }

  @Test func joiningCanBeSwitchedOff() async throws {
    try await withScriptedServer(answer: publishing) { server in
      let client = try client(server.url, joins: false)
      try await withThrowingTaskGroup { group in
        for number in 0..<20 {
          group.addTask { _ = try await client.perform(Publish(apiID: apiID(number), environmentID: "e")) }
        }
        try await group.waitForAll()
      }
      #expect(server.requests.count == 20)
      await client.shutdown()
    }
  }

  @Test func whoIsCancelledBeforeTheBatchGoesIsNotInIt() async throws {
    let gate = Gate()
    let answer: @Sendable (ReceivedRequest) async -> ScriptedAnswer = { request in
      guard request.method == "GET" else { return publishing(request) }
      await gate.wait()
      return .json(200, "{\"total\":0,\"size\":0,\"envs\":[]}")
    }
    try await withScriptedServer(answer: answer) { server in
      let client = try client(server.url, concurrency: 1)
      // Takes the only place until the gate opens.
      let reader = Task { try await client.perform(ListEnvironments()) }
      while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
      let publishes = (0..<6).map { number in
        Task { try await client.perform(Publish(apiID: apiID(number * 2), environmentID: "e")) }
      }
      publishes[0].cancel()
      publishes[3].cancel()
      for index in [0, 3] {
        await #expect(throws: CancellationError.self) { try await publishes[index].value }
      }
      gate.open()
      _ = try await reader.value
      for index in [1, 2, 4, 5] { #expect(try await publishes[index].value.apiID == apiID(index * 2)) }
      let sent = server.requests.dropFirst().map(\.bodyText).joined()
      #expect(!sent.contains(apiID(0)) && !sent.contains(apiID(6)))
      await client.shutdown()
    }
  }

  @Test func whatIsRuledOutSpoilsNobodyElsesBatch() async throws {
    try await withScriptedServer(answer: publishing) { server in
      let client = try client(server.url, concurrency: 1)
      let bad = await #expect(throws: GatewayError.self) {
        try await client.perform(
          Publish(apiID: apiID(2), environmentID: "e", remark: String(repeating: "x", count: 256)))
      }
      #expect(bad?.kind == .usage)
      #expect(server.requests.isEmpty)
      await client.shutdown()
    }
  }
}

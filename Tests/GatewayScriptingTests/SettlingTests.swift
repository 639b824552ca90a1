import GatewayAPI
import GatewayClient
import GatewaySigning
import GatewayTestSupport
import ReleaseEngine
import Synchronization
import Testing

/// What a gateway whose answers get lost has seen and holds.
private struct LossyState: Sendable {
  struct Sent: Sendable {
    let apis: [String]
    let remark: String?
  }

  var batches: [Sent] = []
  /// By API.
  var histories: [String: [Document]] = [:]
}

/// Runs a gateway that answers batches as a test says, and histories from what the test put there.
///
/// - Parameter answer: gets the batch, how many there were, and the state; nil loses the answer.
private func withLossyGateway(
  _ answer: @escaping @Sendable (LossyState.Sent, Int, inout LossyState) -> Document?,
  _ body: @escaping @Sendable (ReleaseRun, @escaping @Sendable () -> LossyState) async throws -> Void
) async throws {
  let state = Mutex(LossyState())
  let serve: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
    guard request.method == "POST" else {
      let api = request.path.split(separator: "/").last.map(String.init) ?? ""
      let versions = state.withLock { $0.histories[api] ?? [] }
      let page: Document = ["total": .integer(Int64(versions.count)), "api_versions": .array(versions)]
      return .json(200, page.jsonText)
    }
    let batch = try? Document(json: request.body)
    let sent = LossyState.Sent(
      apis: batch?["apis"]?.arrayValue?.compactMap(\.stringValue) ?? [], remark: batch?["remark"]?.stringValue)
    let result = state.withLock { state in
      state.batches.append(sent)
      return answer(sent, state.batches.count, &state)
    }
    return result.map { .json(200, $0.jsonText) } ?? .close
  }
  try await withScriptedServer(answer: serve) { server in
    let client = try GatewayClient(
      configuration: GatewayClientConfiguration(
        endpoint: server.url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "i"),
        credentials: GatewayAuthentication.none, gatewayName: "lossy"))
    var configuration = ReleaseRun.Configuration()
    configuration.markedAs = RunID("r-1NG20Y8BEZ")
    configuration.settleTime = .milliseconds(1)
    configuration.maximumTries = 3
    configuration.maximumVersionReads = 0
    let result: Result<Void, any Error>
    do {
      result = .success(
        try await body(ReleaseRun(gateway: client, configuration: configuration)) { state.withLock { $0 } })
    } catch { result = .failure(error) }
    await client.shutdown()
    try result.get()
  }
}

private func success(_ apis: [String]) -> Document {
  ["success": .array(apis.map { ["api_id": .string($0)] }), "failure": []]
}

private func version(_ batch: LossyState.Sent) -> Document {
  ["version_id": "v", "status": 1, "env_id": "e", "remark": batch.remark.map(Document.string) ?? .null]
}

@Suite(.timeLimit(.minutes(5))) struct SettlingTests {
  @Test func whatALostBatchDidIsKeptAndOnlyTheRestIsSentAgain() async throws {
    try await withLossyGateway({ batch, count, state in
      guard count == 1 else { return success(batch.apis) }
      state.histories["a"] = [version(batch)]
      return nil
    }) { run, state in
      let result = try await run.perform(Batch(action: .online, apiIDs: ["a", "b", "c"], environmentID: "e"))
      #expect(result.success.compactMap(\.apiID) == ["a", "b", "c"])
      #expect(state().batches.map(\.apis) == [["a", "b", "c"], ["b", "c"]])
      #expect(state().batches.map(\.remark) == ["al:1NG20Y8BEZ:1", "al:1NG20Y8BEZ:1"])
      #expect(await run.changes.apis.map(\.state) == [.changed, .changed, .changed])
    }
  }

  @Test func whatAnAnswerDoesNotMentionIsAskedAbout() async throws {
    try await withLossyGateway({ batch, count, state in
      guard count == 1 else { return success(batch.apis) }
      state.histories["b"] = [version(batch)]
      return success(["a"])
    }) { run, state in
      let result = try await run.perform(Batch(action: .online, apiIDs: ["a", "b", "c"], environmentID: "e"))
      #expect(result.success.compactMap(\.apiID) == ["a", "b", "c"])
      #expect(state().batches.map(\.apis) == [["a", "b", "c"], ["c"]])
    }
  }

  @Test func aBatchThatNeverWorksSaysWhatItDid() async throws {
    try await withLossyGateway({ batch, _, state in
      state.histories["a"] = state.histories["a"] ?? [version(batch)]
      return nil
    }) { run, state in
      let error = await #expect(throws: GatewayError.self) {
        try await run.perform(Batch(action: .online, apiIDs: ["a", "b"], environmentID: "e"))
      }
      #expect(error?.kind == .unavailable && error?.result?.success.compactMap(\.apiID) == ["a"])
      #expect(state().batches.count == 3)
      #expect(await run.changes.apis.map(\.state) == [.changed, .failed])
    }
  }

  @Test func anOfflineThatCameLateIsNoFailure() async throws {
    try await withLossyGateway({ _, count, state in
      guard count == 1 else {
        return ["success": [], "failure": [["api_id": "a", "error_code": "APIG.3015", "error_msg": "not there"]]]
      }
      // It shows only after the run has looked.
      state.histories["a"] = [["version_id": "v", "status": 1]]
      return nil
    }) { run, _ in
      let result = try await run.perform(Batch(action: .offline, apiIDs: ["a"], environmentID: "e"))
      #expect(result.success.compactMap(\.apiID) == ["a"] && result.failure.isEmpty)
    }
  }

  @Test func aGroupsBatchBearsNoMarkAndIsNotSentTwice() async throws {
    try await withLossyGateway({ _, _, _ in nil }) { run, state in
      var batch = Batch()
      batch.action = .online
      batch.groupID = "g"
      batch.environmentID = "e"
      let operation = batch
      let error = await #expect(throws: GatewayError.self) { try await run.perform(operation) }
      #expect(error?.kind == .unknownOutcome)
      #expect(state().batches.map(\.remark) == [nil])
    }
  }

  @Test func aRemarkLeavesRoomForTheMark() async throws {
    try await withLossyGateway({ batch, _, _ in success(batch.apis) }) { run, state in
      let fits = String(repeating: "x", count: 239)
      _ = try await run.perform(Batch(action: .online, apiIDs: ["a"], environmentID: "e", remark: fits))
      #expect(state().batches[0].remark == fits + " al:1NG20Y8BEZ:1")
      let error = await #expect(throws: GatewayError.self) {
        try await run.perform(Batch(action: .online, apiIDs: ["a"], environmentID: "e", remark: fits + "x"))
      }
      #expect(error?.kind == .usage && error?.message.contains("at most 239 beside the run's mark") == true)
    }
  }
}

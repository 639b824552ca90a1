import GatewayAPI
import GatewayClient
import GatewaySigning
import GatewayTestSupport
import ReleaseEngine
import RunJournal
import Synchronization
import Testing

/// What a gateway whose answers get lost has seen and holds.
private struct LossyState: Sendable {
  struct Sent: Sendable {
    let apis: [String]
    let group: String?
    let remark: String?
  }

  var batches: [Sent] = []
  /// By API.
  var histories: [String: [Document]] = [:]
  /// What the group holds.
  var members: [String] = []
  /// APIs that the gateway does not have any more.
  var deleted: Set<String> = []
  /// How many more lists may be read.
  var listsLeft = Int.max
  /// Histories that were asked for of no environment.
  var lookUps = 0
}

/// Runs a gateway that answers batches as a test says, and histories from what the test put there.
///
/// - Parameters:
///   - recorder: with what the journal of an earlier process holds.
///   - configure: changes how the run goes about it.
///   - answer: gets the batch, how many there were, and the state; nil loses the answer.
private func withLossyGateway(
  state initial: LossyState = LossyState(), recorder: RunRecorder = RunRecorder(),
  configure: @escaping @Sendable (inout ReleaseRun.Configuration) -> Void = { _ in },
  _ answer: @escaping @Sendable (LossyState.Sent, Int, inout LossyState) -> Document?,
  _ body: @escaping @Sendable (ReleaseRun, @escaping @Sendable () -> LossyState) async throws -> Void
) async throws {
  let state = Mutex(initial)
  let serve: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
    if request.path.hasSuffix("/apis") {
      let isDenied = state.withLock { state in
        state.listsLeft -= 1
        return state.listsLeft < 0
      }
      if isDenied { return .json(403, #"{"error_code": "APIG.1005", "error_msg": "not yours"}"#) }
      let apis = state.withLock { $0.members.map { ["id": .string($0), "name": .string("pay-\($0)")] as Document } }
      return .json(200, (["total": .integer(Int64(apis.count)), "apis": .array(apis)] as Document).jsonText)
    }
    guard request.method == "POST" else {
      let api = request.path.split(separator: "/").last.map(String.init) ?? ""
      if state.withLock({ $0.deleted.contains(api) }) {
        return .json(404, #"{"error_code": "APIG.3002", "error_msg": "no such API"}"#)
      }
      let versions = state.withLock { state in
        if request.method == "GET", !request.query.contains("env_id") { state.lookUps += 1 }
        return state.histories[api] ?? []
      }
      let page: Document = ["total": .integer(Int64(versions.count)), "api_versions": .array(versions)]
      return .json(200, page.jsonText)
    }
    let batch = try? Document(json: request.body)
    let sent = LossyState.Sent(
      apis: batch?["apis"]?.arrayValue?.compactMap(\.stringValue) ?? [], group: batch?["group_id"]?.stringValue,
      remark: batch?["remark"]?.stringValue)
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
    configure(&configuration)
    let result: Result<Void, any Error>
    do {
      result = .success(
        try await body(ReleaseRun(gateway: client, configuration: configuration, recorder: recorder)) {
          state.withLock { $0 }
        })
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

  @Test func aDeletedAPIOfALostBatchFailsAndTheOthersGoOn() async throws {
    try await withLossyGateway({ batch, count, state in
      guard count == 1 else {
        return [
          "success": .array(batch.apis.filter { $0 != "c" }.map { ["api_id": .string($0)] }),
          "failure": [["api_id": "c", "error_code": "APIG.3002", "error_msg": "no such API"]],
        ]
      }
      state.histories["a"] = [version(batch)]
      state.deleted = ["c"]
      return nil
    }) { run, state in
      let result = try await run.perform(Batch(action: .online, apiIDs: ["a", "b", "c"], environmentID: "e"))
      #expect(result.success.compactMap(\.apiID) == ["a", "b"] && result.failure.compactMap(\.apiID) == ["c"])
      #expect(state().batches.map(\.apis) == [["a", "b", "c"], ["b", "c"]])
      let states = await run.changes.apis.map { "\($0.apiID) \($0.state.rawValue)" }
      #expect(Set(states) == ["a changed", "b changed", "c failed"])
    }
  }

  @Test func aGroupThatCannotBeLookedAtIsNotChanged() async throws {
    try await withLossyGateway(
      state: LossyState(members: ["a", "b"], listsLeft: 0), { _, _, _ in success(["a", "b"]) }
    ) {
      run, state in
      let error = await #expect(throws: GatewayError.self) { try await run.perform(group(.offline)) }
      #expect(error?.kind == .denied)
      #expect(state().batches.isEmpty)
      #expect(await run.changes.apis.isEmpty)
    }
  }

  /// The intent of a batch whose end the journal does not have.
  private func intent(
    _ batch: Batch, _ details: Document, branch: String = CallOrigin.current.branch, sequence: Int64 = 1
  ) -> JournalEntry {
    let call = RecordedCall(
      "batch", ["gateway": "local", "values": .object(batch.values)], origin: CallOrigin(branch: branch))
    return JournalEntry(
      sequence: sequence, kind: .intent, time: .now(), branch: branch, operation: "batch", digest: call.digest,
      title: "batch", body: ["arguments": call.arguments, "details": details])
  }

  @Test func whatIsLeftOfAResumedBatchIsInTheAccountWhenItCannotBeLookedAt() async throws {
    let batch = Batch(action: .online, apiIDs: ["a", "b"], environmentID: "e")
    let open = intent(batch, ["remark": "al:1NG20Y8BEZ:1"])
    try await withLossyGateway(
      state: LossyState(members: ["a", "b"], listsLeft: 1), recorder: RunRecorder(replaying: [open]),
      configure: { $0.freshness = .seconds(-1) }, { batch, _, _ in success(batch.apis) }
    ) { run, state in
      _ = try await run.perform(ListAPIs())
      let error = await #expect(throws: GatewayError.self) { try await run.perform(batch) }
      #expect(error?.kind == .denied)
      #expect(state().batches.isEmpty)
      #expect(await run.changes.apis.map(\.state) == [.failed, .failed])
    }
  }

  /// Its task may come to the call only after another one has published the same API.
  @Test func aMarkThatTheJournalHasIsNotGivenAgain() async throws {
    let batch = Batch(action: .online, apiIDs: ["a"], environmentID: "e")
    let earlier = intent(batch, ["remark": "al:1NG20Y8BEZ:1"], branch: "/2")
    try await withLossyGateway(
      recorder: RunRecorder(replaying: [earlier]), { batch, _, _ in success(batch.apis) }
    ) { run, state in
      for branch in ["/1", "/2"] {
        _ = try await CallOrigin.$current.withValue(CallOrigin(branch: branch)) { try await run.perform(batch) }
      }
      #expect(state().batches.map(\.remark) == ["al:1NG20Y8BEZ:2", "al:1NG20Y8BEZ:1"])
    }
  }

  @Test func whatWasRefusedBeforeABatchWasSentIsNotInDoubt() async throws {
    let batch = Batch(action: .online, apiIDs: ["a", "b"], environmentID: "e")
    let refused: Document = ["refused": [["api_id": "b", "error_msg": "changed by someone else"]]]
    try await withLossyGateway({ _, _, _ in nil }) { run, _ in
      await run.restore([intent(batch, refused)])
      let states = await run.changes.apis.map { "\($0.apiID) \($0.state.rawValue)" }
      #expect(Set(states) == ["a unknown", "b failed"])
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

  private func group(_ action: Batch.Action) -> Batch {
    var batch = Batch()
    batch.action = action
    batch.groupID = "g"
    batch.environmentID = "e"
    return batch
  }

  @Test func whatALostBatchOfAGroupDidIsKeptAndOnlyTheRestIsSentAgain() async throws {
    try await withLossyGateway(
      state: LossyState(members: ["a", "b", "c"]),
      { batch, count, state in
        guard count == 1 else { return success(batch.apis) }
        state.histories["a"] = [version(batch)]
        // What comes into the group later was not meant.
        state.members.append("d")
        return nil
      }
    ) { run, state in
      let result = try await run.perform(group(.online))
      #expect(result.success.compactMap(\.apiID) == ["a", "b", "c"])
      #expect(state().batches.map(\.group) == ["g", nil])
      #expect(state().batches.map(\.apis) == [[], ["b", "c"]])
      #expect(state().batches.map(\.remark) == ["al:1NG20Y8BEZ:1", "al:1NG20Y8BEZ:1"])
      #expect(await run.changes.apis.map(\.state) == [.changed, .changed, .changed])
      #expect(await run.changes.others.isEmpty)
    }
  }

  @Test func aGroupTakenOfflineIsKnownByWhatItsAPIsRun() async throws {
    try await withLossyGateway(
      state: LossyState(members: ["a", "b"]),
      { batch, count, state in
        state.histories["b"] = count == 1 ? [["version_id": "v", "status": 1, "env_id": "e"]] : []
        return count == 1 ? nil : success(batch.apis)
      }
    ) { run, state in
      let result = try await run.perform(group(.offline))
      #expect(result.success.compactMap(\.apiID) == ["a", "b"])
      #expect(state().batches.map(\.apis) == [[], ["b"]])
    }
  }

  @Test func noMarkOfAGroupsBatchIsGivenTwice() async throws {
    try await withLossyGateway(
      state: LossyState(members: ["a", "b"]),
      { batch, _, _ in
        success(batch.apis.isEmpty ? ["a", "b"] : batch.apis)
      }
    ) { run, state in
      _ = try await run.perform(Batch(action: .online, apiIDs: ["a"], environmentID: "e"))
      _ = try await run.perform(group(.online))
      _ = try await run.perform(Batch(action: .online, apiIDs: ["b"], environmentID: "e"))
      #expect(state().batches.map(\.remark) == [1, 2, 3].map { "al:1NG20Y8BEZ:\($0)" })
    }
  }

  /// Runs before this one sent a group's batch without a mark, and kept neither it nor the APIs.
  @Test func aGroupsBatchOfAnOlderJournalIsNotSentAgain() async throws {
    let batch = group(.online)
    let call = RecordedCall("batch", ["gateway": "local", "values": .object(batch.values)])
    let intent = JournalEntry(
      sequence: 1, kind: .intent, time: .now(), operation: "batch", digest: call.digest, title: "batch",
      body: ["arguments": call.arguments, "details": .null])
    try await withLossyGateway(
      state: LossyState(members: ["a", "b"]), recorder: RunRecorder(replaying: [intent]), { _, _, _ in nil }
    ) { run, state in
      let error = await #expect(throws: GatewayError.self) { try await run.perform(batch) }
      #expect(error?.kind == .unknownOutcome)
      #expect(state().batches.isEmpty)
      #expect(await run.changes.apis.map(\.state) == [.unknown, .unknown])
    }
  }

  /// An undo without the script has nothing else to go by.
  @Test func theJournalTellsWhatAChangeWithoutAnAnswerWasAbout() async throws {
    func intent<Operation: GatewayOperation>(
      _ sequence: Int64, _ operation: Operation, _ details: Document
    ) -> JournalEntry {
      JournalEntry(
        sequence: sequence, kind: .intent, time: .now(), operation: Operation.descriptor.name,
        body: ["arguments": ["gateway": "local", "values": .object(operation.values)], "details": details])
    }
    let entries = [
      intent(1, group(.online), ["apis": ["a", "b"]]),
      intent(2, SwitchVersion(apiID: "c", versionID: "v1"), ["env_id": "e"]),
    ]
    try await withLossyGateway({ _, _, _ in nil }) { run, _ in
      await run.restore(entries)
      let changes = await run.changes
      #expect(changes.apis.map(\.apiID) == ["a", "b", "c"] && changes.others.isEmpty)
      #expect(changes.apis.allSatisfy { $0.environmentID == "e" && $0.state == .unknown })
    }
  }

  @Test func aSwitchsEnvironmentIsLookedUpOnce() async throws {
    let versions: [Document] = [
      ["version_id": "v2", "status": 1, "env_id": "e"], ["version_id": "v1", "status": 2, "env_id": "e"],
    ]
    try await withLossyGateway(
      state: LossyState(histories: ["a": versions]),
      configure: {
        $0.maximumVersionReads = 200
        $0.beforeChange = { change, _ in #expect(change.environmentID == "e") }
      }, { _, _, _ in nil }
    ) { run, state in
      _ = try await run.perform(SwitchVersion(apiID: "a", versionID: "v1"))
      #expect(state().lookUps == 1)
      let change = try #require(await run.changes.apis.first)
      #expect(change.environmentID == "e" && change.before.id == "v2")
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

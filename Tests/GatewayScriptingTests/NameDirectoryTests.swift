import Foundation
import GatewayAPI
import GatewayClient
import GatewaySigning
import GatewayTestSupport
import ReleaseEngine
import RunJournal
import SQLiteJournal
import Synchronization
import Testing

/// What holds answers back until a test has seen enough.
private final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func pass() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}

/// Names that several tasks of a script ask for at once, of a gateway whose answers are held back.
@Suite(.timeLimit(.minutes(5))) struct NameDirectoryTests {
  private struct Fixture: Sendable {
    let run: ReleaseRun
    let recorder: RunRecorder
    let journal: SQLiteJournal
    let gate: Gate
    let server: ScriptedServer

    /// Waits until so many have joined somebody else's look-up.
    func untilJoined(_ count: Int) async {
      while run.names.joined < count { await Task.yield() }
    }

    /// How many entries the journal gets.
    func entries() async throws -> Int {
      try await recorder.markProcess("stop", .null)
      return try await journal.entries(of: "r-1", from: 1).count { $0.kind == .answer }
    }
  }

  /// - Parameter apis: what the list of APIs answers.
  private func with(
    apis: String, _ body: @escaping @Sendable (Fixture) async throws -> Void
  ) async throws {
    let gate = Gate()
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "journal.db").path
      try await withScriptedServer(answer: { _ in
        await gate.pass()
        return .json(200, apis)
      }) { server in
        var configuration = GatewayClientConfiguration(
          endpoint: server.url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "i"),
          credentials: GatewayAuthentication.none, gatewayName: "held")
        // What is joined here must not need the client's joining.
        configuration.joinsReads = false
        let client = try GatewayClient(configuration: configuration)
        let journal = try SQLiteJournal(path: path)
        let record = RunRecord(
          id: "r-1", startedAt: .now(), user: "ops@jump1", host: "jump1", process: .current, command: "release.lua",
          gateway: "held")
        let recorder = RunRecorder(store: { journal }, run: record)
        let run = ReleaseRun(gateway: client, recorder: recorder)
        let result: Result<Void, any Error>
        do {
          result = .success(
            try await body(Fixture(run: run, recorder: recorder, journal: journal, gate: gate, server: server)))
        } catch { result = .failure(error) }
        gate.open()
        await client.shutdown()
        try journal.close()
        try result.get()
      }
    }
  }

  private static let found = #"{"total": 1, "size": 1, "apis": [{"id": "a1", "name": "pay"}]}"#
  private static let none = #"{"total": 0, "size": 0, "apis": []}"#

  @Test func thoseWhoAskAtOnceShareOneRequestAndOneEntry() async throws {
    try await with(apis: Self.found) { fixture in
      let names = fixture.run.names
      let tasks = (0..<5).map { _ in Task { try await names.id(of: .api, named: "pay") } }
      await fixture.untilJoined(4)
      fixture.gate.open()
      for task in tasks {
        let id = try await task.value
        #expect(id == "a1")
      }
      #expect(fixture.server.requests.count == 1)
      let entries = try await fixture.entries()
      #expect(entries == 1)
    }
  }

  @Test func theOthersGetTheirAnswerWhenTheFirstIsCancelled() async throws {
    try await with(apis: Self.found) { fixture in
      let names = fixture.run.names
      let first = Task { try await names.id(of: .api, named: "pay") }
      while fixture.server.requests.isEmpty { await Task.yield() }
      let second = Task { try await names.id(of: .api, named: "pay") }
      await fixture.untilJoined(1)
      first.cancel()
      // It does not wait for an answer that is the other's.
      await #expect(throws: CancellationError.self) { try await first.value }
      fixture.gate.open()
      let id = try await second.value
      #expect(id == "a1")
      #expect(fixture.server.requests.count == 1)
    }
  }

  @Test func everyoneWhoFailedHasAskedSoThatAReplayHasAnAnswerForEach() async throws {
    try await with(apis: Self.none) { fixture in
      let names = fixture.run.names
      let tasks = (0..<3).map { _ in Task { try await names.id(of: .api, named: "pay") } }
      await fixture.untilJoined(2)
      fixture.gate.open()
      for task in tasks {
        let error = await #expect(throws: GatewayError.self) { try await task.value }
        #expect(error?.kind == .notFound)
      }
      // A replay goes on as long as it has not come to the last that was begun.
      _ = try await fixture.recorder.begin(RecordedCall("publish"))
      // Nobody is asked again: what a replay does not find would be new.
      let asked = fixture.server.requests.count
      let recorder = RunRecorder(replaying: try await fixture.journal.entries(of: "r-1", from: 1))
      let replayed = ReleaseRun(gateway: fixture.run, recorder: recorder)
      for _ in tasks {
        await #expect(throws: GatewayError.self) { try await replayed.names.id(of: .api, named: "pay") }
      }
      #expect(fixture.server.requests.count == asked)
    }
  }
}

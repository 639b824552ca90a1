import GatewayAPI
import GatewayScripting
import LuaRuntime
import ReleaseEngine
import RunJournal
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConfirmTests {
  /// Somebody who answers, and what was asked.
  private final class Person: Sendable {
    let questions = Mutex<[Question]>([])
    let confirmed = Mutex<[String]>([])

    func attend(_ surroundings: inout ScriptSurroundings, saysYes: Bool) {
      surroundings.ask = { question in
        self.questions.withLock { $0.append(question) }
        if !saysYes { throw GatewayError(kind: .refused, message: "the answer was no") }
      }
      surroundings.didConfirm = { name in self.confirmed.withLock { $0.append(name) } }
    }
  }

  private func with(
    saysYes: Bool = true, replaying entries: [JournalEntry] = [],
    _ body: @escaping @Sendable (ScriptHarness, Person) async throws -> Void
  ) async throws {
    try await ScriptHarness.with { harness in
      var harness = harness
      let person = Person()
      person.attend(&harness.surroundings, saysYes: saysYes)
      harness.recorder = RunRecorder(replaying: entries)
      try await body(harness, person)
    }
  }

  @Test func yesIsTrue() async throws {
    try await with { harness, person in
      let answer = try await harness("return apig.confirm { env = 'RELEASE', text = 'publish 3 APIs' }")
      #expect(answer == true)
      #expect(person.questions.withLock { $0 } == [Question("publish 3 APIs", environment: "RELEASE")])
      #expect(person.confirmed.withLock { $0 } == ["RELEASE"])
    }
  }

  @Test func noIsAnErrorAndNothingGoesOn() async throws {
    try await with(saysYes: false) { harness, person in
      let error = await #expect(throws: LuaError.self) {
        try await harness("apig.confirm { text = 'go' } apig.publish { api = 'pay-create', env = 'RELEASE' }")
      }
      #expect((error?.underlying as? GatewayError)?.kind == .refused)
      #expect(await harness.run.changes.apis.isEmpty)
      #expect(person.confirmed.withLock { $0 }.isEmpty)
    }
  }

  @Test func aResumedRunIsNotAskedAgain() async throws {
    let call = RecordedCall("confirm", ["text": "go", "env": "RELEASE"])
    let entries = [
      JournalEntry(
        sequence: 1, kind: .intent, time: VirtualClock.start, operation: call.operation, digest: call.digest),
      JournalEntry(
        sequence: 2, kind: .outcome, time: VirtualClock.start, operation: call.operation, refersTo: 1,
        body: ["answer": true]),
    ]
    try await with(saysYes: false, replaying: entries) { harness, person in
      let answer = try await harness("return apig.confirm { text = 'go', env = 'RELEASE' }")
      #expect(answer == true)
      #expect(person.questions.withLock { $0 }.isEmpty)
      #expect(person.confirmed.withLock { $0 } == ["RELEASE"])
    }
  }

  @Test(arguments: [
    ("{}", "'confirm' needs 'text'"), ("{ text = '' }", "string expected"), ("{ text = 'a', env = 5 }", "env name"),
    ("{ text = 'a', default = 'yes' }", "boolean expected"),
  ])
  func mistakesAreNamed(_ options: String, _ message: String) async throws {
    try await with { harness, person in
      let error = await #expect(throws: LuaError.self) { try await harness("apig.confirm \(options)") }
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
      #expect(person.questions.withLock { $0 }.isEmpty)
    }
  }
}

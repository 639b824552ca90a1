import GatewayAPI
import GatewayCredentials
import GatewaySigning
import GatewayTestSupport
import Synchronization
import Testing

/// Renewal against a real socket that plays IAM.
@Suite(.timeLimit(.minutes(5))) struct RenewingCredentialTests {
  private let login = PasswordLogin(user: .name("u", domain: .name("d")), password: Secret("p"))

  private func credential(_ server: ScriptedServer, _ clock: ManualClock) -> RenewingCredential {
    let service = IdentityService(endpoint: server.url, now: { clock.now })
    let login = login
    return RenewingCredential(now: { clock.now }) { try await service.token(login, scope: .projectID("p")) }
  }

  @Test func aThousandAskersAreServedByOneRequest() async throws {
    let clock = ManualClock(), started = Counter()
    let answer: @Sendable (ReceivedRequest) async -> ScriptedAnswer = { _ in
      // Nobody is answered before everybody has asked.
      try? await until { started.value == 1000 }
      return .token("t", until: clock.after(seconds: 86_400))
    }
    try await withScriptedServer(answer: answer) { server in
      let credential = credential(server, clock)
      let tokens = try await withThrowingTaskGroup(of: GatewayAuthentication.self) { group in
        for _ in 0..<1000 {
          group.addTask {
            started.next()
            return try await credential.authentication()
          }
        }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(tokens == [.token("t")])
      #expect(server.requests.count == 1)
    }
  }

  @Test func itIsRenewedBeforeItsEndAndNobodyWaitsForThat() async throws {
    let clock = ManualClock(), count = Counter(), isOpen = Mutex(false)
    let answer: @Sendable (ReceivedRequest) async -> ScriptedAnswer = { _ in
      let number = count.next()
      if number == 2 { try? await until { isOpen.withLock { $0 } } }
      return .token("t\(number)", until: clock.after(seconds: 86_400))
    }
    try await withScriptedServer(answer: answer) { server in
      let credential = credential(server, clock)
      #expect(try await credential.authentication() == .token("t1"))
      clock.advance(seconds: 86_400 - 8_641)
      #expect(try await credential.authentication() == .token("t1"))
      #expect(count.value == 1)
      clock.advance(seconds: 1)
      // The second answer is held back, and yet the first token comes at once.
      for _ in 0..<10 { #expect(try await credential.authentication() == .token("t1")) }
      isOpen.withLock { $0 = true }
      try await until { try await credential.authentication() == .token("t2") }
      #expect(count.value == 2)
    }
  }

  @Test func aFailedRenewalKeepsTheTokenAndIsTriedAgainLater() async throws {
    let clock = ManualClock(), count = Counter()
    let answer: @Sendable (ReceivedRequest) async -> ScriptedAnswer = { _ in
      let number = count.next()
      return (2...3).contains(number)
        ? .iamError(503, "busy") : .token("t\(number)", until: clock.after(seconds: 1000))
    }
    try await withScriptedServer(answer: answer) { server in
      let credential = credential(server, clock)
      #expect(try await credential.authentication() == .token("t1"))
      clock.advance(seconds: 800)
      #expect(try await credential.authentication() == .token("t1"))
      try await until { count.value == 2 }
      clock.advance(seconds: 200)
      // Now it is over, and the failure is everybody's; it does not stick.
      let error = await #expect(throws: GatewayError.self) { try await credential.authentication() }
      #expect(error?.kind == .unavailable)
      #expect(error?.message.contains("busy") == true)
      try await until { (try? await credential.authentication()) != nil }
      #expect(try await credential.authentication() != .token("t1"))
    }
  }

  @Test func aRefusedTokenIsReplacedOnceForAll() async throws {
    let clock = ManualClock(), count = Counter()
    let answer: @Sendable (ReceivedRequest) async -> ScriptedAnswer = { _ in
      .token("t\(count.next())", until: clock.after(seconds: 86_400))
    }
    try await withScriptedServer(answer: answer) { server in
      let credential = credential(server, clock)
      let refused = try await credential.authentication()
      let replacements = try await withThrowingTaskGroup(of: GatewayAuthentication?.self) { group in
        for _ in 0..<100 { group.addTask { try await credential.authentication(replacing: refused) } }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(replacements == [.token("t2")])
      #expect(count.value == 2)
    }
  }

  @Test func theSameTokenAgainIsNoReplacement() async throws {
    let clock = ManualClock()
    let end = clock.after(seconds: 86_400)
    try await withScriptedServer(answer: { _ in .token("same", until: end) }) { server in
      let credential = credential(server, clock)
      let token = try await credential.authentication()
      for _ in 0..<5 {
        let replacement = try await credential.authentication(replacing: token)
        #expect(replacement == nil)
      }
      #expect(server.requests.count == 2)
    }
  }

  @Test func whoIsCancelledLeavesTheOthersTheirToken() async throws {
    let clock = ManualClock(), isOpen = Mutex(false)
    let answer: @Sendable (ReceivedRequest) async -> ScriptedAnswer = { _ in
      try? await until { isOpen.withLock { $0 } }
      return .token("t", until: clock.after(seconds: 86_400))
    }
    try await withScriptedServer(answer: answer) { server in
      let credential = credential(server, clock)
      let first = Task { try await credential.authentication() }
      try await until { server.requests.count == 1 }
      let second = Task { try await credential.authentication() }
      first.cancel()
      await #expect(throws: CancellationError.self) { try await first.value }
      isOpen.withLock { $0 = true }
      #expect(try await second.value == .token("t"))
      #expect(server.requests.count == 1)
    }
  }

  @Test func whatEndedBeforeItCameIsAnError() async throws {
    let clock = ManualClock()
    let end = clock.after(seconds: -1)
    try await withScriptedServer(answer: { _ in .token("t", until: end) }) { server in
      let credential = credential(server, clock)
      let error = await #expect(throws: GatewayError.self) { try await credential.authentication() }
      #expect(error?.kind == .unauthenticated && error?.hint?.contains("clock") == true)
    }
  }
}

import Foundation
import GatewayAPI
import GatewayTestSupport
import RunJournal
import SQLiteJournal
import Testing

@Suite(.timeLimit(.minutes(5))) struct LeaseTests {
  /// Takes the lease of ``scope`` for a run, which must succeed.
  private func take(
    _ journal: SQLiteJournal, _ claim: LeaseClaim, now: Timestamp = at(0)
  ) async throws -> Lease {
    let answer = try await journal.acquire(claim, now: now)
    return try #require(answer.granted)
  }

  /// Begins a run that changes something under a lease until `end`.
  private func change(_ journal: SQLiteJournal, _ run: RunRecord, until end: Timestamp) async throws -> Lease {
    try await journal.begin(run)
    let lease = try await take(journal, claim(run.id, until: end), now: run.startedAt)
    try await journal.append([intent(1)], to: run.id, under: [lease.fence])
    return lease
  }

  @Test func oneRunAtATimeHoldsAnEnvironment() async throws {
    try await withJournal { journal, path in
      let other = try SQLiteJournal(path: path)
      let lease = try await take(journal, claim("r-1"))
      #expect(lease.fence.number == 1)
      #expect(try await other.acquire(claim("r-2"), now: at(60)).held == lease)
      let elsewhere = LeaseScope(gatewayID: scope.gatewayID, environmentID: "e2", name: "prod-cn4/STAGING")
      #expect(try await other.acquire(claim("r-2", scope: elsewhere), now: at(60)).granted?.fence.number == 1)
      try await journal.release(lease.fence, now: at(90))
      #expect(try await other.acquire(claim("r-2"), now: at(90)).granted?.fence.number == 2)
      try other.close()
    }
  }

  @Test func whatIsSettledIsFreeThoughItsRunGoesOn() async throws {
    try await withJournal { journal, _ in
      for isSettled in [false, true] {
        let holder = run("r-\(isSettled)")
        try await journal.begin(holder)
        let place = LeaseScope(gatewayID: scope.gatewayID, environmentID: "\(isSettled)", name: "x")
        let lease = try await take(journal, claim(holder.id, scope: place))
        try await journal.append([intent(1)], to: holder.id, under: [lease.fence])
        try await journal.release(lease.fence, settled: isSettled, now: at(30))
        let answer = try await journal.acquire(claim("r-other", scope: place), now: at(40))
        #expect((answer.granted != nil) == isSettled)
        #expect(try await journal.acquire(claim(holder.id, scope: place), now: at(50)).granted == nil || !isSettled)
      }
    }
  }

  @Test func holderTakesItsLeaseAgainUnderTheSameFence() async throws {
    try await withJournal { journal, _ in
      let lease = try await take(journal, claim("r-1", until: at(100)))
      let again = try await take(journal, claim("r-1", until: at(300)), now: at(50))
      #expect(again.fence == lease.fence)
      #expect(again.since == at(0))
      #expect(again.expires == at(300))
    }
  }

  @Test func lapsedLeaseOfARunThatChangedNothingIsTakenOver() async throws {
    try await withJournal { journal, _ in
      try await journal.begin(run("r-1"))
      let lease = try await take(journal, claim("r-1", until: at(100)))
      try await journal.append([entry(1)], to: "r-1", under: [lease.fence])
      #expect(try await journal.acquire(claim("r-2", until: at(200)), now: at(99)).granted == nil)
      #expect(try await journal.acquire(claim("r-2", until: at(200)), now: at(100)).granted?.fence.number == 2)
    }
  }

  @Test func leaseOfAnUnfinishedRunWithChangesStaysItsOwn() async throws {
    try await withJournal { journal, _ in
      var first = run("r-1")
      let lease = try await change(journal, first, until: at(100))
      #expect(try await journal.acquire(claim("r-2", until: at(1000)), now: at(500)).held?.fence == lease.fence)
      first.state = .stopped
      try await journal.update(first)
      try await journal.release(lease.fence, now: at(600))
      let held = try await journal.acquire(claim("r-2", until: at(1000)), now: at(700)).held
      #expect(held?.fence == lease.fence)
      #expect(held?.hasChanges == true)
      // The run itself goes on, in another process; then it is at its end.
      let resumed = try await take(journal, claim("r-1", until: at(900), process: gone), now: at(800))
      #expect(resumed.hasChanges)
      first.state = .finished
      try await journal.update(first)
      #expect(try await journal.acquire(claim("r-2", until: at(1000)), now: at(950)).granted?.hasChanges == false)
    }
  }

  @Test func waitsAndQuestionsAreNoChanges() async throws {
    try await withJournal { journal, _ in
      try await journal.begin(run("r-1"))
      let lease = try await take(journal, claim("r-1", until: at(100)))
      try await journal.append(
        [entry(1, .intent, body: ["arguments": ["time": 90]])], to: "r-1", under: [lease.fence])
      #expect(try await journal.leases().map(\.hasChanges) == [false])
      #expect(try await journal.acquire(claim("r-2", until: at(900)), now: at(100)).granted != nil)
    }
  }

  @Test(arguments: [RunRecord.State.finished, .rolledBack])
  func endOfTheRunFreesTheEnvironment(_ state: RunRecord.State) async throws {
    try await withJournal { journal, _ in
      var first = run("r-1")
      let lease = try await change(journal, first, until: at(100))
      first.state = state
      try await journal.update(first)
      try await journal.release(lease.fence, now: at(50))
      #expect(try await journal.acquire(claim("r-2"), now: at(50)).granted?.fence.number == 2)
      #expect(try await journal.leases().map(\.fence.run) == ["r-2"])
    }
  }

  @Test func processThatIsGoneHoldsNothing() async throws {
    try await withJournal { journal, _ in
      _ = try await take(journal, claim("r-1", process: gone))
      let other = try await journal.acquire(claim("r-2", host: "jump2"), now: at(1))
      #expect(other.held?.fence.run == "r-1", "another host cannot see that it is gone")
      #expect(try await journal.acquire(claim("r-2"), now: at(1)).granted?.fence.number == 2)
    }
  }

  @Test func resumingProcessShutsOutTheOneBefore() async throws {
    try await withJournal { journal, _ in
      try await journal.begin(run("r-1"))
      let first = try await take(journal, claim("r-1", until: at(100)))
      let alive = try await journal.acquire(claim("r-1", until: at(300), host: "jump2"), now: at(50))
      #expect(alive.held == first, "its process still works on the run")
      let second = try await take(journal, claim("r-1", until: at(300), host: "jump2"), now: at(100))
      #expect(second.fence.number == 2)
      let error = await #expect(throws: JournalError.self) {
        try await journal.append([intent(1)], to: "r-1", under: [first.fence])
      }
      #expect(error?.code == .leaseLost)
      try await journal.append([intent(1)], to: "r-1", under: [second.fence])
    }
  }

  @Test func whoLostTheLeaseAddsNothing() async throws {
    try await withJournal { journal, _ in
      for id in ["r-1", "r-2"] { try await journal.begin(run(id)) }
      let first = try await take(journal, claim("r-1", until: at(100)))
      let second = try await take(journal, claim("r-2", until: at(300)), now: at(200))
      let error = await #expect(throws: JournalError.self) {
        try await journal.append([intent(1), entry(2)], to: "r-1", under: [first.fence])
      }
      #expect(error?.code == .leaseLost)
      #expect(error?.message.contains("run r-2") == true)
      #expect(try await journal.entries(of: "r-1", from: 1).isEmpty)
      try await journal.append([intent(1)], to: "r-2", under: [second.fence])
      await #expect(throws: JournalError.self) { try await journal.renew(first.fence, until: at(500), now: at(210)) }
      try await journal.release(first.fence, now: at(220))
      #expect(try await journal.leases().map(\.fence) == [second.fence])
    }
  }

  @Test func lapsedLeaseThatNobodyTookGoesOn() async throws {
    try await withJournal { journal, _ in
      try await journal.begin(run("r-1"))
      let lease = try await take(journal, claim("r-1", until: at(100)))
      try await journal.append([intent(1)], to: "r-1", under: [lease.fence])
      try await journal.renew(lease.fence, until: at(900), now: at(500))
      #expect(try await journal.leases().map(\.expires) == [at(900)])
    }
  }

  @Test func leaseThatWasGivenBackIsNotRenewed() async throws {
    try await withJournal { journal, _ in
      let lease = try await take(journal, claim("r-1"))
      try await journal.release(lease.fence, now: at(10))
      await #expect(throws: JournalError.self) { try await journal.renew(lease.fence, until: at(500), now: at(11)) }
      #expect(try await journal.leases().isEmpty)
    }
  }

  @Test func forcedReleaseFreesAndKeepsTheReason() async throws {
    try await withJournal { journal, _ in
      let lease = try await change(journal, run("r-1"), until: at(100))
      let ended = try await journal.forceRelease(scope, by: "kim@jump2", reason: "laptop lost", now: at(500))
      #expect(ended?.fence == lease.fence)
      let mark = try #require(try await journal.entries(of: "r-1", from: 2).first)
      #expect(mark.kind == .mark)
      #expect(mark.body["reason"] == "laptop lost")
      #expect(mark.body["by"] == "kim@jump2")
      // The holder, were it still alive, could not go on as if nothing had happened.
      let error = await #expect(throws: JournalError.self) {
        try await journal.append([intent(3)], to: "r-1", under: [lease.fence])
      }
      #expect(error?.code == .leaseLost)
      #expect(try await journal.leases().isEmpty)
      #expect(try await journal.forceRelease(scope, by: "kim@jump2", reason: "again", now: at(501)) == nil)
      let next = try await take(journal, claim("r-2", until: at(900)), now: at(510))
      #expect(next.fence.number == 3)
      #expect(!next.hasChanges)
    }
  }

  @Test func changesOfASecondScopeBelongToEach() async throws {
    try await withJournal { journal, _ in
      try await journal.begin(run("r-1"))
      let elsewhere = LeaseScope(gatewayID: scope.gatewayID, environmentID: "e2", name: "prod-cn4/STAGING")
      let first = try await take(journal, claim("r-1", until: at(100)))
      let second = try await take(journal, claim("r-1", until: at(100), scope: elsewhere))
      try await journal.append([intent(1)], to: "r-1", under: [first.fence, second.fence])
      _ = try await journal.forceRelease(elsewhere, by: "kim@jump2", reason: "needed", now: at(200))
      #expect(try await journal.acquire(claim("r-2", until: at(900), scope: elsewhere), now: at(200)).granted != nil)
      #expect(try await journal.acquire(claim("r-2", until: at(900)), now: at(200)).granted == nil)
      await #expect(throws: JournalError.self) {
        try await journal.append([intent(3)], to: "r-1", under: [first.fence, second.fence])
      }
    }
  }
}

import GatewayAPI
import GatewaySigning
import Testing

@testable import GatewayCredentials

@Suite struct RenewalScheduleTests {
  private let start = Timestamp(seconds: 1_800_000_000)
  private let first = GatewayAuthentication.token("first"), second = GatewayAuthentication.token("second")

  private func after(_ seconds: Int64) -> Timestamp { Timestamp(seconds: start.seconds + seconds) }

  private func schedule(life: Int64?) -> RenewalSchedule {
    var schedule = RenewalSchedule()
    schedule.renewed(IssuedCredential(authentication: first, expiresAt: life.map(after)), at: start)
    return schedule
  }

  @Test(
    arguments: [
      // A day: a tenth of it before the end. A quarter of an hour: five minutes. Two minutes: half of them.
      (86_400, 86_400 - 8_640), (900, 600), (120, 60),
    ] as [(Int64, Int64)])
  func isDueATenthOrFiveMinutesBeforeTheEnd(_ life: Int64, _ due: Int64) {
    let schedule = schedule(life: life)
    #expect(schedule.decision(at: after(due - 1)) == .use(first))
    #expect(schedule.decision(at: after(due)) == .useAndRenew(first))
    #expect(schedule.decision(at: after(life - 1)) == .useAndRenew(first))
    #expect(schedule.decision(at: after(life)) == .renew)
  }

  @Test func nothingIsRenewedFirstAndWhatHasNoEndNever() {
    #expect(RenewalSchedule().decision(at: start) == .renew)
    #expect(schedule(life: nil).decision(at: after(1_000_000_000)) == .use(first))
  }

  @Test func aFailureIsTriedAgainAfterAPauseAndAtOnceWhenNothingIsValid() {
    var schedule = schedule(life: 1000)
    schedule.failed(at: after(700))
    #expect(schedule.decision(at: after(729)) == .use(first))
    #expect(schedule.decision(at: after(730)) == .useAndRenew(first))
    schedule.failed(at: after(999))
    #expect(schedule.decision(at: after(1000)) == .renew)
  }

  @Test func aRefusedCredentialIsRenewedOnce() {
    var schedule = schedule(life: 1000)
    #expect(schedule.decision(refusing: first, at: start) == .renew)
    #expect(schedule.decision(refusing: first, at: start) == nil)
    schedule.renewed(IssuedCredential(authentication: second, expiresAt: after(1000)), at: start)
    // Those that come late get what the first fetched.
    #expect(schedule.decision(refusing: first, at: start) == .use(second))
    #expect(schedule.decision(refusing: second, at: start) == .renew)
  }
}

import GatewayAPI
import Testing

@testable import GatewayClient

private let start = ContinuousClock.now

private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

private func rate(_ text: String) throws -> RequestRate { try #require(RequestRate(text)) }

/// Sends whenever it may, from one moment to another, and returns when it did.
private func run(_ control: inout RateControl, from begin: Double, to end: Double) -> [ContinuousClock.Instant] {
  var sent: [ContinuousClock.Instant] = []
  var now = at(begin)
  while now < at(end) {
    let earliest = control.earliest(now: now)
    guard earliest <= now else {
      now = earliest + .microseconds(1)
      continue
    }
    control.admit(now)
    sent.append(now)
    // Nobody is infinitely fast.
    now += .milliseconds(1)
  }
  return sent
}

@Suite struct RateControlTests {
  @Test func withoutARateEverythingGoesAtOnce() {
    var control = RateControl(nil)
    for _ in 0..<1000 {
      #expect(control.earliest(now: start) == start)
      control.admit(start)
    }
  }

  @Test(arguments: ["5/s", "50/s", "300/min", "7/min", "1/s"])
  func noPeriodEverSeesMoreThanTheLimit(_ text: String) throws {
    let limit = try rate(text)
    var control = RateControl(limit)
    let sent = run(&control, from: 0, to: limit.period / .seconds(1) * 5)
    for (index, first) in sent.enumerated() {
      let within = sent[index...].prefix { $0 - first < limit.period }.count
      #expect(within <= limit.count, "\(within) within one period of \(text)")
    }
    // And the limit is made use of: at least 80 % of it, where whole requests allow.
    #expect(Double(sent.count) >= Double(limit.count) * 5 * 0.8 - 1)
  }

  @Test func aStatedLimitIsAdoptedAndKeptTo() throws {
    var control = RateControl(nil)
    _ = run(&control, from: 0, to: 0.2)
    control.throttle(sent: at(0.2), now: at(0.21), stated: try rate("50/s"), pause: nil)
    #expect(control.ceiling?.description == "50/s")
    for _ in 0..<10_000 { control.succeed() }
    let sent = run(&control, from: 1, to: 3)
    #expect((80...100).contains(sent.count))
  }

  @Test func aStatedLimitNeverLiftsAConfiguredOne() throws {
    var control = RateControl(try rate("2/s"))
    control.throttle(sent: at(0), now: at(0), stated: try rate("100/s"), pause: nil)
    #expect(run(&control, from: 1, to: 6).count <= 10)
    control.throttle(sent: at(7), now: at(7), stated: try rate("1/s"), pause: nil)
    #expect(control.ceiling?.description == "1/s")
  }

  @Test func withoutAStatedLimitTheRateHalvesAndCreepsUpAgain() throws {
    var control = RateControl(nil)
    for index in 0..<100 { control.admit(at(Double(index) / 100)) }
    control.throttle(sent: at(0.99), now: at(1), stated: nil, pause: nil)
    let halved = try #require(control.perSecond)
    #expect((45...55).contains(halved))
    // Two seconds of success at the present rate: back where it was.
    for _ in 0..<2 { for _ in 0..<Int(control.perSecond ?? 0) { control.succeed() } }
    #expect(try #require(control.perSecond) > halved * 1.7)
  }

  @Test func aRefusalAtTheVeryBeginningDoesNotCrippleTheRun() throws {
    var control = RateControl(nil)
    control.admit(at(0))
    control.throttle(sent: at(0), now: at(0.01), stated: nil, pause: nil)
    #expect(run(&control, from: 0.02, to: 1.02).count >= 3)
  }

  @Test func manyRefusalsOfOneMomentSlowDownOnce() throws {
    var control = RateControl(nil)
    for index in 0..<100 { control.admit(at(Double(index) / 100)) }
    for _ in 0..<8 { control.throttle(sent: at(0.99), now: at(1), stated: nil, pause: nil) }
    #expect((45...55).contains(try #require(control.perSecond)))
    control.throttle(sent: at(1.5), now: at(1.6), stated: nil, pause: nil)
    #expect(try #require(control.perSecond) < 30)
  }

  @Test func aPauseHoldsEveryoneBack() throws {
    var control = RateControl(nil)
    control.throttle(sent: at(0), now: at(0), stated: nil, pause: .seconds(7))
    #expect(control.earliest(now: at(1)) == at(7))
    #expect(control.earliest(now: at(8)) == at(8))
  }

  @Test func itNeverStandsStill() throws {
    var control = RateControl(nil)
    for second in 0..<60 {
      control.throttle(sent: at(Double(second)), now: at(Double(second)), stated: nil, pause: nil)
    }
    #expect(control.earliest(now: at(60)) < at(60 + 60))
  }

  @Test func ratesAreReadAndWritten() throws {
    #expect(try rate("5/s").perSecond == 5)
    #expect(try rate("300/min").perSecond == 5)
    #expect(try rate("300/minute").description == "300/min")
    for text in ["", "5", "5/", "/s", "0/s", "-1/s", "5/x", "5/s/s", "a/s", "5.5/s"] {
      #expect(RequestRate(text) == nil, "\(text)")
    }
  }

  @Test(arguments: [
    ("The throttling threshold has been reached: policy user over ratelimit,limit:5,time:1 minute", "5/min"),
    ("policy api over ratelimit,limit:100,time:1 second", "100/s"),
    ("limit:7,time:90 seconds", "7 in 90s"), ("limit: 3, time: 2 hours", "3 in 7200s"),
  ])
  func theLimitIsReadFromTheText(_ message: String, _ expected: String) {
    #expect(RequestRate(statedIn: message)?.description == expected)
  }

  @Test(arguments: ["", "Too many requests", "limit:0,time:1 minute", "limit:5,time:0 minute", "limit:5,time:1 moon"])
  func aTextWithoutALimitHasNone(_ message: String) { #expect(RequestRate(statedIn: message) == nil) }
}

@Suite struct AdmissionQueueTests {
  @Test func placesAreGivenInOrderAndUndoGoesFirst() {
    var queue = AdmissionQueue(places: 2, rate: RateControl(nil))
    for id in 1...4 as ClosedRange<UInt64> { queue.wait(id, urgency: .normal) }
    #expect(queue.admit(at(0)).ids == [1, 2])
    queue.wait(9, urgency: .undo)
    #expect(queue.admit(at(0)).ids == [])
    queue.finish()
    #expect(queue.admit(at(0)).ids == [9])
    queue.finish()
    queue.finish()
    #expect(queue.admit(at(0)).ids == [3, 4])
  }

  @Test func whoLeavesIsNotServed() {
    var queue = AdmissionQueue(places: 1, rate: RateControl(nil))
    for id in 1...3 as ClosedRange<UInt64> { queue.wait(id, urgency: .normal) }
    #expect([2, 7].map { queue.leave($0) } == [true, false])
    #expect(queue.admit(at(0)).ids == [1])
    let wasWaiting = queue.leave(1)
    #expect(!wasWaiting)
    queue.finish()
    #expect(queue.admit(at(0)).ids == [3])
  }

  @Test func theTimeHeldBackByTheRateIsCountedOnce() throws {
    var queue = AdmissionQueue(places: 8, rate: RateControl(try rate("10/s")))
    for id in 1...3 as ClosedRange<UInt64> { queue.wait(id, urgency: .normal) }
    let first = queue.admit(at(0))
    #expect(first.ids == [1])
    let next = try #require(first.next)
    let second = queue.admit(next + .milliseconds(1))
    #expect(second.ids == [2])
    let third = queue.admit(try #require(second.next) + .milliseconds(1))
    #expect(third.ids == [3] && third.next == nil)
    #expect(queue.heldBack > .milliseconds(150) && queue.heldBack < .milliseconds(300))
    _ = queue.admit(at(100))
    #expect(queue.heldBack < .milliseconds(300))
  }
}

import Testing

@testable import LocalGateway

/// The language of fault rules, and the decisions of a rule, without a gateway.
@Suite struct FaultRuleTests {
  @Test func aRuleIsReadWhole() throws {
    let rule = try FaultRule("  publish: 429 retry-after=2 times=5 from=3 p=0.25 seed=9 api=pay-create code=APIG.9008 ")
    #expect(
      rule.kind
        == .fault(.operation("publish"), .answer(FaultRule.Answer(status: 429, code: "APIG.9008", retryAfter: 2))))
    #expect(rule.times == 5 && rule.from == 3 && rule.probability == 0.25 && rule.seed == 9)
    #expect(rule.api == "pay-create" && rule.stage == .before)
    #expect(rule.description.hasPrefix("publish") && rule.description.hasSuffix("9008"))
    #expect(try FaultRule(rule.description) == rule)
  }

  @Test(arguments: [
    ("*: latency=200ms", FaultRule.Stage.latency), ("publish: 500 after-apply p=0.05", .after),
    ("publish: 500 before-apply", .before), ("history: drop", .before), ("history: drop after-apply", .after),
    ("export: cut=100", .answer), ("probe /healthz: 502 from=3", .before), ("probe: latency=1.5s", .latency),
    ("rate 50/s", .rate), ("rate 100/m retry-after", .rate), ("history: stale=5s", .apply),
    ("*: token-expired", .before), ("token: 503", .before), ("import: 500 html", .before),
    ("apis: 500 body=\"out of order\"", .before),
  ])
  func eachRuleOfTheManualIsReadAndHasItsStage(_ text: String, _ stage: FaultRule.Stage) throws {
    #expect(try FaultRule(text).stage == stage)
  }

  @Test func aQuotedValueKeepsItsBlanks() throws {
    let rule = try FaultRule("publish: 500 body=\"out  of order\" times=1")
    #expect(rule.kind == .fault(.operation("publish"), .answer(FaultRule.Answer(status: 500, body: "out  of order"))))
    #expect(rule.times == 1)
  }

  @Test func latencyGoesWithAnEffect() throws {
    let rule = try FaultRule("publish: 503 latency=1.5s")
    #expect(rule.latency == .milliseconds(1500) && rule.stage == .before)
  }

  @Test(arguments: [
    ("", 0, 1), ("   ", 0, 1), ("publish", 0, 7), ("publish 429", 0, 7), ("publsh: 429", 0, 6), ("publish:", 8, 1),
    ("publish: 4x9", 9, 3), ("publish: 200", 9, 3), ("publish: 600", 9, 3), ("publish: 429 500", 13, 3),
    ("publish: 429 drop", 13, 4), ("publish: times=5", 9, 7), ("publish: 429 times=0", 13, 7),
    ("publish: 429 times=many", 13, 10), ("publish: 429 times", 13, 5), ("publish: 429 p=2", 13, 3),
    ("publish: 429 p=0", 13, 3), ("publish: 429 p=nan", 13, 5), ("publish: latency=soon", 9, 12),
    ("publish: latency=2h", 9, 10), ("publish: drop retry-after=2", 14, 13), ("publish: drop html", 14, 4),
    ("export: cut=100 after-apply", 16, 11), ("export: cut=-1", 8, 6), ("publish: stale=5s", 9, 8),
    ("probe: stale=5s", 7, 8), ("probe healthz: 502", 6, 7), ("publish /x: 502", 8, 2),
    ("publish: 429 body=\"open", 18, 1), ("rate", 4, 1), ("rate 50", 5, 2), ("rate 0/s", 5, 3), ("rate 5/d", 5, 3),
    ("rate 5/s times=3", 9, 7), ("publish: 429 api=", 13, 4),
  ])
  func aWrongRuleIsRefusedWithThePlace(_ text: String, _ offset: Int, _ length: Int) {
    let error = #expect(throws: FaultRuleError.self) { try FaultRule(text) }
    #expect(error?.offset == offset && error?.length == length, "\(error?.description ?? "")")
    #expect(error?.message.isEmpty == false)
  }

  @Test func aMistypedWordGetsASuggestion() {
    let operation = #expect(throws: FaultRuleError.self) { try FaultRule("publsh: 429") }
    #expect(operation?.hint == "did you mean 'publish'?")
    let effect = #expect(throws: FaultRuleError.self) { try FaultRule("publish: 429 tims=3") }
    #expect(effect?.hint == "did you mean 'times'?")
    #expect(effect?.excerpt == "publish: 429 tims=3\n             ^^^^^^")
  }

  @Test func fromAndTimesCount() throws {
    let rule = try FaultRule("publish: 429 from=3 times=2")
    var fired = 0
    let decisions = (1...6).map { number in
      let fires = rule.fires(number: number, fired: fired)
      if fires { fired += 1 }
      return fires
    }
    #expect(decisions == [false, false, true, true, false, false])
  }

  @Test func aProbabilityIsSeededAndAboutRight() throws {
    func decisions(_ text: String) throws -> [Bool] {
      let rule = try FaultRule(text)
      return (1...10_000).map { rule.fires(number: $0, fired: 0) }
    }
    let some = try decisions("publish: 500 p=0.05 seed=7")
    #expect(try decisions("publish: 500 p=0.05 seed=7") == some)
    #expect(try decisions("publish: 500 p=0.05 seed=8") != some)
    #expect((400...600).contains(some.filter(\.self).count))
    #expect(try decisions("publish: 500 p=1").allSatisfy(\.self))
  }

  @Test func aBucketEmptiesAndFillsAgain() {
    var bucket = RateBucket(FaultRule.Limit(count: 2, unit: .second), at: .seconds(100))
    #expect(bucket.take(at: .seconds(100)) == nil)
    #expect(bucket.take(at: .seconds(100)) == nil)
    #expect(bucket.take(at: .seconds(100)) == 0.5)
    #expect(bucket.take(at: .seconds(100) + .milliseconds(500)) == nil)
    #expect(bucket.take(at: .seconds(100) + .milliseconds(500)) != nil)
    // Ten idle seconds give no more than a full bucket.
    #expect((0..<3).map { _ in bucket.take(at: .seconds(110)) == nil } == [true, true, false])
  }
}

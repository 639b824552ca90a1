import GatewayAPI
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0, 0),
    ("2020-08-03T01:36:00.592970615Z", 1_596_418_560, 592_970_615),
    ("2020-08-03T03:01:31.26522821Z", 1_596_423_691, 265_228_210),
    ("2024-02-29T23:59:59.5Z", 1_709_251_199, 500_000_000),
    ("2020-08-03T09:36:00+08:00", 1_596_418_560, 0),
    ("1969-12-31T23:59:59Z", -1, 0),
  ])
  func readsWhatTheGatewayWrites(_ text: String, _ seconds: Int64, _ nanoseconds: Int32) {
    #expect(Timestamp(text) == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
  }

  @Test(arguments: [
    "", "2020-08-03", "2020-13-03T00:00:00Z", "2020-08-03T01:36:00", "2020-08-03T01:36:00.Z", "20200803093600",
  ])
  func whatIsNoMomentIsNil(_ text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test(arguments: [0, -1, 951_782_400, 1_596_418_560, 4_102_444_799])
  func writesWhatItReads(_ seconds: Int64) {
    let moment = Timestamp(seconds: seconds, nanoseconds: 120_000_000)
    #expect(Timestamp(moment.text) == moment)
  }

  @Test(arguments: [
    (0, 0, "1970-01-01T00:00:00Z"), (-1, 1, "1969-12-31T23:59:59.000000001Z"),
    (951_782_400, 500_000_000, "2000-02-29T00:00:00.5Z"), (253_402_300_800, 0, "10000-01-01T00:00:00Z"),
    (-62_135_596_800, 0, "0001-01-01T00:00:00Z"), (-62_167_219_200, 0, "0000-01-01T00:00:00Z"),
  ])
  func writesEachPartWithItsZeros(_ seconds: Int64, _ nanoseconds: Int32, _ text: String) {
    #expect(Timestamp(seconds: seconds, nanoseconds: nanoseconds).text == text)
  }

  @Test func aDraftIsComparedToTheNanosecond() {
    let api = API(document: [
      "update_time": "2020-08-03T01:36:00.000000002Z", "run_env_id": "A|B",
      "publish_time": "2020-08-03T01:36:00.000000001Z|2020-08-03T01:36:00.000000003Z",
    ])
    #expect(api.hasChanged(in: "A"))
    #expect(!api.hasChanged(in: "B"))
    #expect(api.hasChanged(in: "C"))
  }
}

import GatewayAPI
import Testing

@Suite struct SuggestionTests {
  private let options = ["api", "api_id", "env", "env_id", "remark"]

  @Test(
    arguments: [("enviroment", "env"), ("evn", "env"), ("remarc", "remark"), ("apiid", "api_id"), ("zzz", nil)]
      as [(String, String?)])
  func findsTheNearestAndNothingFar(_ typed: String, _ expected: String?) {
    #expect(Suggestion.closest(to: typed, in: options) == expected)
  }
}

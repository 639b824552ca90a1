import GatewayAPI
import LocalGateway
import Testing

/// What wins where the document and the gateway differ.
@Suite(.timeLimit(.minutes(10))) struct ImportModeTests {
  private static func document(_ remark: String, tags: String = "", answer: String? = nil) -> String {
    let backend = answer.map {
      ",\"x-apigateway-backend\":{\"type\":\"MOCK\",\"mockEndpoints\":{\"result-content\":\"\($0)\"}}"
    }
    return """
      {"swagger":"2.0","info":{"title":"modes","version":"1"},"paths":{"/a":{"get":{"operationId":"api-a",
      "description":"\(remark)","tags":[\(tags)],"responses":{"200":{"description":"d","examples":{"a/b":"example"}}}
      \(backend ?? "")}}}}
      """
  }

  private static func apply(
    _ fields: [String: String], _ second: String
  ) async throws -> (report: Document, api: Document) {
    try await LocalGatewayHarness.with { gateway in
      let made = try await gateway.importing(Self.document("first", answer: "one"))
      let group = try #require(made.document["group_id"]?.stringValue)
      let report = try await gateway.importing(second, into: group, fields).document
      let api = try #require(try await gateway.definitions(of: group)["api-a"])
      return (report, api)
    }
  }

  @Test func overrideReplaces() async throws {
    let (report, api) = try await Self.apply(
      ["api_mode": "override"], Self.document("second", tags: "\"t\"", answer: "two"))
    #expect(report["success"]?.arrayValue?.first?["action"] == "update")
    #expect(api["remark"] == "second" && api["tags"] == ["t"])
    #expect(api["mock_info"]?["result_content"] == "two")
  }

  @Test func mergeKeepsWhatIsThereAndAdds() async throws {
    let (report, api) = try await Self.apply(
      ["api_mode": "merge"], Self.document("second", tags: "\"t\"", answer: "two"))
    #expect(report["success"]?.arrayValue?.first?["action"] == "update")
    #expect(api["remark"] == "first" && api["tags"] == ["t"])
    #expect(api["mock_info"]?["result_content"] == "one")
  }

  @Test func mergeThatChangesNothingIsIgnored() async throws {
    let (report, api) = try await Self.apply(["api_mode": "merge"], Self.document("second", answer: "two"))
    #expect(report["success"] == [] && report["ignore"] == [["path": "/a", "method": "GET"]])
    #expect(api["remark"] == "first")
  }

  @Test func extensionsMergeOnTheirOwn() async throws {
    let (_, api) = try await Self.apply(["extend_mode": "merge"], Self.document("second", answer: "two"))
    #expect(api["remark"] == "second")
    #expect(api["mock_info"]?["result_content"] == "one")
  }

  @Test func simpleModeTakesTheFrontEndAlone() async throws {
    let (_, api) = try await Self.apply(["simple_mode": "true"], Self.document("second", answer: "two"))
    #expect(api["remark"] == "second")
    #expect(api["mock_info"]?["result_content"] == "one")
  }

  @Test func mockModeAnswersTheExample() async throws {
    let (_, api) = try await Self.apply(["mock_mode": "true"], Self.document("second", answer: "two"))
    #expect(api["mock_info"]?["result_content"] == "example")
  }

  @Test func aWrongModeIsRefused() async throws {
    let (report, api) = try await Self.apply(["api_mode": "both"], Self.document("second"))
    #expect(report["error_code"] == "APIG.2011")
    #expect(api["remark"] == "first")
  }
}

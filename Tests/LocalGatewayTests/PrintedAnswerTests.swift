import GatewayAPI
import LocalGateway
import Testing

/// Answers that are put together from stored text are what printing a document gives: members sorted, nothing between.
@Suite(.timeLimit(.minutes(5))) struct PrintedAnswerTests {
  private static let base = LocalGatewayHarness.base

  /// Two pages, both ways to count, an empty page, filters, one API with all its versions.
  @Test(arguments: [
    "/apis", "/apis?limit=3", "/apis?limit=3&offset=9", "/apis?limit=3&offset=50", "/apis?name=nobody-has-it",
    "/apis?env_id=\(GatewayEnvironment.releaseID)&limit=2", "/apis/{api}", "/apis/publish/{api}",
    "/apis/publish/{api}?limit=2",
    "/apis/publish/{api}?limit=2&offset=2", "/apis/publish/{api}?env_name=RELEASE",
    "/apis/publish/{api}?env_name=nobody_has_it",
  ])
  func answersArePrintedAsDocumentsAre(_ path: String) async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await gateway.apiID("pay-create")
      let answer = try await gateway.send("GET", Self.base + path.replacing("{api}", with: api))
      #expect(answer.status == 200)
      #expect(answer.header("Content-Type") == "application/json; charset=utf-8")
      #expect(answer.document.json == answer.body, "\(path): \(answer.text)")
    }
  }

  @Test func pagesCountAllThatThereIs() async throws {
    try await LocalGatewayHarness.with { gateway in
      for (query, size, total) in [
        ("limit=11", 11, 11), ("limit=12", 11, 11), ("limit=5&offset=10", 1, 11), ("limit=5&offset=11", 0, 11),
        ("limit=5&offset=99", 0, 11), ("name=pay&limit=3", 3, 8), ("name=pay&limit=9", 8, 8), ("name=none", 0, 0),
      ] {
        let page = try await gateway.send("GET", Self.base + "/apis?\(query)").document
        #expect(page["size"]?.integerValue == size && page["total"]?.integerValue == total, "\(query)")
      }
    }
  }

  /// Names and values that must not be taken for parts of the text around them.
  @Test func whatADefinitionHoldsComesBack() async throws {
    try await LocalGatewayHarness.with { gateway in
      let groups = try await gateway.send("GET", Self.base + "/api-groups?name=payments&precise_search=name")
      let group = groups.document["groups"]?.arrayValue?.first?["id"] ?? .null
      let odd: Document = [
        "quote \" brace } bracket ]": "back\\slash, \"comma\", {",
        "nested": ["[{": [1, .number(2.5), true, .null, "}"]],
        "umlaut ä 漢": "\u{1}\n\t\u{2028}",
      ]
      let definition: Document = [
        "type": 1, "req_protocol": "HTTPS", "req_method": "GET", "req_uri": "/odd",
        "auth_type": "NONE", "backend_type": "MOCK", "group_id": group,
        "mock_info": ["result_content": "{\"a\":\"\\\"\"}"],
        "tags": ["z"], "aaa": 1, "zzz": odd, "status": "mine", "run_env_id": 7, "remark": .null,
      ]
      for member in ["", "ü", "quote\""] {
        // A name that is not plain stands in the way of copying.
        var members = definition.objectValue ?? [:]
        if !member.isEmpty { members[member] = "extra" }
        members["name"] = .string("odd-\(member.count)-\(member.utf8.count)")
        members["req_uri"] = .string("/odd\(member.utf8.count)")
        let made = try await gateway.send("POST", Self.base + "/apis", Document.object(members).jsonText)
        #expect(made.status == 201, "\(made.text)")
        let id = try #require(made.document["id"]?.stringValue)
        let read = try await gateway.send("GET", Self.base + "/apis/\(id)")
        #expect(read.document == made.document)
        #expect(read.body == read.document.json)
        #expect(read.document["zzz"] == odd && read.document["aaa"] == 1 && read.document["remark"] == .null)
        #expect(read.document["status"] == 1 && read.document["run_env_id"] == "")
        #expect(read.document["cors"] == false && read.document["match_mode"] == "NORMAL")
        if !member.isEmpty { #expect(read.document[member] == "extra") }
      }
    }
  }

  @Test func publishingUnderAStandingClockGivesNewIDs() async throws {
    try await LocalGatewayHarness.with({ $0.now = { Timestamp(seconds: 1_596_418_560) } }) { gateway in
      let api = try await gateway.apiID("pay-webhook")
      var ids: Set<String> = []
      for _ in 0..<5 {
        let id = try #require(try await gateway.publish(api).document["version_id"]?.stringValue)
        #expect(id.utf8.count == 32 && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        ids.insert(id)
      }
      #expect(ids.count == 5)
    }
  }
}

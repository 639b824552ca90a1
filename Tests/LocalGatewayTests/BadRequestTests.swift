import GatewayAPI
import GatewaySigning
import LocalGateway
import Testing

/// The documented status and code for what a client can send, and never a 500.
@Suite(.timeLimit(.minutes(10))) struct BadRequestTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let method: String
    let path: String
    let body: String?
    let status: Int
    let code: String?

    init(_ name: String, _ method: String, _ path: String, _ body: String?, _ status: Int, _ code: String?) {
      testDescription = name
      self.method = method
      self.path = path
      self.body = body
      self.status = status
      self.code = code
    }
  }

  private static let nobody = "00000000000000000000000000000000"
  private static let release = GatewayEnvironment.releaseID

  private static func action(_ members: String) -> String { "{\"api_id\":\"API\",\(members)}" }

  /// A good registration, but for these members.
  private static func api(_ members: String) -> String {
    let good: Document = [
      "name": "new-one", "type": 1, "req_protocol": "HTTPS", "req_method": "GET", "req_uri": "/new-one",
      "auth_type": "NONE", "backend_type": "MOCK", "group_id": "GROUP",
    ]
    let changed = (try? Document(json: Array("{\(members)}".utf8)))?.objectValue ?? [:]
    return Document.object((good.objectValue ?? [:]).merging(changed) { $1 }).jsonText
  }

  static let cases: [Case] = [
    Case(
      "wrong action", "POST", "/apis/action", action("\"action\":\"up\",\"env_id\":\"\(release)\""), 400, "APIG.2011"),
    Case("no action", "POST", "/apis/action", action("\"env_id\":\"\(release)\""), 400, "APIG.2001"),
    Case("no environment", "POST", "/apis/action", action("\"action\":\"online\""), 400, "APIG.2001"),
    Case(
      "empty environment", "POST", "/apis/action", action("\"action\":\"online\",\"env_id\":\"\""), 400, "APIG.2001"),
    Case(
      "unknown environment", "POST", "/apis/action", action("\"action\":\"online\",\"env_id\":\"\(nobody)\""), 404,
      "APIG.3003"),
    Case(
      "unknown API", "POST", "/apis/action",
      "{\"action\":\"online\",\"api_id\":\"\(nobody)\",\"env_id\":\"\(release)\"}", 404, "APIG.3002"),
    Case(
      "long remark", "POST", "/apis/action",
      action("\"action\":\"online\",\"env_id\":\"\(release)\",\"remark\":\"\(String(repeating: "x", count: 256))\""),
      400, "APIG.2006"),
    Case(
      "a number as remark", "POST", "/apis/action",
      action("\"action\":\"online\",\"env_id\":\"\(release)\",\"remark\":7"), 400, "APIG.2000"),
    Case("no JSON", "POST", "/apis/action", "action=online", 400, "APIG.2000"),
    Case("JSON cut off", "POST", "/apis/action", "{\"action\":\"onl", 400, "APIG.2000"),
    Case("a JSON list", "POST", "/apis/action", "[]", 400, "APIG.2000"),
    Case("no body", "PUT", "/apis/publish/API", "", 400, "APIG.2000"),
    Case("no version", "PUT", "/apis/publish/API", "{}", 400, "APIG.2001"),
    Case("unknown version", "PUT", "/apis/publish/API", "{\"version_id\":\"\(nobody)\"}", 404, "APIG.3022"),
    Case("another API's version", "PUT", "/apis/publish/API", "{\"version_id\":\"OTHER_VERSION\"}", 404, "APIG.3022"),
    Case(
      "batch without action", "POST", "/apis/publish", "{\"apis\":[\"API\"],\"env_id\":\"\(release)\"}", 400,
      "APIG.2001"),
    Case(
      "batch with a wrong action", "POST", "/apis/publish?action=x", "{\"apis\":[\"API\"],\"env_id\":\"\(release)\"}",
      400, "APIG.2011"),
    Case(
      "empty batch", "POST", "/apis/publish?action=online", "{\"apis\":[],\"env_id\":\"\(release)\"}", 400, "APIG.2001"),
    Case(
      "batch of numbers", "POST", "/apis/publish?action=online", "{\"apis\":[1],\"env_id\":\"\(release)\"}", 400,
      "APIG.2000"),
    Case(
      "batch over the limit", "POST", "/apis/publish?action=online",
      "{\"apis\":[\(Array(repeating: "\"\(nobody)\"", count: 1001).joined(separator: ","))],\"env_id\":\"\(release)\"}",
      400, "APIG.2003"),
    Case("history of an unknown API", "GET", "/apis/publish/\(nobody)", nil, 404, "APIG.3002"),
    Case("a limit that is text", "GET", "/apis/publish/API?limit=many", nil, 400, "APIG.2012"),
    Case("unknown group", "GET", "/apis?group_id=\(nobody)", nil, 404, "APIG.3001"),
    Case("export without environment", "POST", "/openapi/export", "{\"group_id\":\"GROUP\"}", 400, "APIG.2001"),
    Case(
      "export of an unknown group", "POST", "/openapi/export", "{\"group_id\":\"\(nobody)\",\"env_id\":\"\(release)\"}",
      404, "APIG.3001"),
    Case(
      "export with a wrong scope", "POST", "/openapi/export",
      "{\"group_id\":\"GROUP\",\"env_id\":\"\(release)\",\"define\":\"x\"}", 400, "APIG.2011"),
    Case("deleting a published API", "DELETE", "/apis/API", nil, 403, "APIG.3416"),
    Case("deleting a group with APIs", "DELETE", "/api-groups/GROUP", nil, 403, "APIG.3415"),
    Case("deleting a used environment", "DELETE", "/envs/\(release)", nil, 403, "APIG.3418"),
    Case("a group's name twice", "POST", "/api-groups", "{\"name\":\"payments\"}", 400, "APIG.3201"),
    Case("a group's name too short", "POST", "/api-groups", "{\"name\":\"ab\"}", 400, "APIG.2012"),
    Case("an environment's name twice", "POST", "/envs", "{\"name\":\"TEST\"}", 400, "APIG.3205"),
    Case("an environment's name with a blank", "POST", "/envs", "{\"name\":\"a b\"}", 400, "APIG.2012"),
    Case("an API without a method", "POST", "/apis", "{\"name\":\"abc\",\"type\":1}", 400, "APIG.2001"),
    Case(
      "an API with an unknown method", "POST", "/apis", api("\"req_method\":\"FETCH\""), 400, "APIG.2012"),
    Case("an API with an unknown back end", "POST", "/apis", api("\"backend_type\":\"FTP\""), 400, "APIG.2012"),
    Case("an API whose path has no slash", "POST", "/apis", api("\"req_uri\":\"x\""), 400, "APIG.2012"),
    Case("an API with a number as tags", "POST", "/apis", api("\"tags\":7"), 400, "APIG.2000"),
    Case(
      "an API with a long remark", "POST", "/apis", api("\"remark\":\"\(String(repeating: "x", count: 256))\""), 400,
      "APIG.2006"),
    Case("an HTTP back end without time-out", "POST", "/apis", api("\"backend_api\":{}"), 400, "APIG.2001"),
    Case("a parameter without place", "POST", "/apis", api("\"req_params\":[{\"name\":\"a\"}]"), 400, "APIG.2001"),
    Case("an API of an unknown group", "POST", "/apis", api("\"group_id\":\"\(nobody)\""), 404, "APIG.3001"),
    Case("an API's name twice", "POST", "/apis", api("\"name\":\"pay-create\""), 400, "APIG.3202"),
    Case(
      "an API's method and path twice", "POST", "/apis", api("\"req_method\":\"POST\",\"req_uri\":\"/payments\""), 400,
      "APIG.3301"),
    Case("changing an unknown API", "PUT", "/apis/\(nobody)", api(""), 404, "APIG.3002"),
    Case("deleting an unknown API", "DELETE", "/apis/\(nobody)", nil, 404, "APIG.3002"),
    Case("an unknown group's details", "GET", "/api-groups/\(nobody)", nil, 404, "APIG.3001"),
    Case("an unknown version's details", "GET", "/apis/versions/\(nobody)", nil, 404, "APIG.3022"),
    Case("deleting a version that is not in effect", "DELETE", "/apis/versions/OLD_VERSION", nil, 404, "APIG.3015"),
    Case("history of an unknown environment", "GET", "/apis/publish/API?env_id=\(nobody)", nil, 404, "APIG.3003"),
    Case("a definition in an unknown environment", "GET", "/apis/runtime/API?env_id=\(nobody)", nil, 404, "APIG.3003"),
    Case(
      "batch of an unknown group", "POST", "/apis/publish?action=online",
      "{\"group_id\":\"\(nobody)\",\"env_id\":\"\(release)\"}", 404, "APIG.3001"),
    Case("batch of nothing", "POST", "/apis/publish?action=online", "{\"env_id\":\"\(release)\"}", 400, "APIG.2001"),
    Case(
      "batch to an unknown environment", "POST", "/apis/publish?action=online",
      "{\"apis\":[\"API\"],\"env_id\":\"\(nobody)\"}", 404, "APIG.3003"),
    Case(
      "export of another group's API", "POST", "/openapi/export",
      "{\"group_id\":\"GROUP\",\"env_id\":\"\(release)\",\"apis\":[\"\(nobody)\"]}", 404, "APIG.3002"),
    Case("deleting an unknown group", "DELETE", "/api-groups/\(nobody)", nil, 404, "APIG.3001"),
    Case(
      "an environment's name too long", "POST", "/envs", "{\"name\":\"\(String(repeating: "a", count: 65))\"}", 400,
      "APIG.2012"),
    Case("import that is no form", "POST", "/openapi/import", "{}", 400, "APIG.2000"),
    Case("unknown path", "GET", "/nothing/here", nil, 404, nil),
    Case("wrong method", "DELETE", "/apis/action", nil, 405, nil),
  ]

  @Test func getsTheDocumentedAnswer() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await gateway.apiID("pay-create")
      let other = try await gateway.apiID("pay-status")
      let otherHistory = try await gateway.send("GET", LocalGatewayHarness.base + "/apis/publish/\(other)")
      let otherVersion = otherHistory.document["api_versions"]?.arrayValue?.first?["version_id"]?.stringValue ?? ""
      let history = try await gateway.send(
        "GET", LocalGatewayHarness.base + "/apis/publish/\(api)?env_id=\(Self.release)")
      let oldVersion = history.document["api_versions"]?.arrayValue?.last?["version_id"]?.stringValue ?? ""
      let groups = try await gateway.send("GET", LocalGatewayHarness.base + "/api-groups?name=payments")
      let group = groups.document["groups"]?.arrayValue?.first?["id"]?.stringValue ?? ""
      func fill(_ text: String) -> String {
        text.replacing("OTHER_VERSION", with: otherVersion).replacing("OLD_VERSION", with: oldVersion)
          .replacing("GROUP", with: group)
          .replacing("/API", with: "/\(api)").replacing("\"API\"", with: "\"\(api)\"")
      }
      for bad in Self.cases {
        let answer = try await gateway.send(
          bad.method, LocalGatewayHarness.base + fill(bad.path), bad.body.map(fill))
        #expect(answer.status == bad.status, "\(bad.testDescription): \(answer.document.jsonText)")
        if let code = bad.code { #expect(answer.code == code, "\(bad.testDescription): \(answer.document.jsonText)") }
        #expect(answer.header("X-Request-Id")?.count == 32, "\(bad.testDescription)")
        #expect(answer.document["error_msg"]?.stringValue?.isEmpty == false, "\(bad.testDescription)")
      }
    }
  }

  @Test func credentialsAreDemanded() async throws {
    try await LocalGatewayHarness.with { gateway in
      let path = LocalGatewayHarness.base + "/envs"
      let none = try await gateway.send("GET", path, headers: [])
      #expect(none.status == 401 && none.code == "APIG.1000")
      let wrong = try await gateway.send("GET", path, headers: [("X-Auth-Token", "wrong")])
      #expect(wrong.status == 401 && wrong.code == "APIG.1002")
      let garbage = try await gateway.send("GET", path, headers: [("Authorization", "SDK-HMAC-SHA256 nonsense")])
      #expect(garbage.status == 401 && garbage.code == "APIG.1002")
    }
  }

  @Test func authenticationCanBeSwitchedOff() async throws {
    try await LocalGatewayHarness.with({ $0.authentication = .none }) { gateway in
      let answer = try await gateway.send("GET", LocalGatewayHarness.base + "/envs", headers: [])
      #expect(answer.status == 200)
    }
  }

  @Test func aTokenOfTheIdentityServiceOpensTheGatewayForADay() async throws {
    try await LocalGatewayHarness.with { gateway in
      func body(_ password: String) -> String {
        """
        {"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"local","password":"\(password)",
        "domain":{"name":"local"}}}},"scope":{"project":{"id":"p0"}}}}
        """
      }
      let refused = try await gateway.send("POST", "/v3/auth/tokens?nocatalog=true", body("wrong"), headers: [])
      #expect(refused.status == 401)
      let issued = try await gateway.send("POST", "/v3/auth/tokens?nocatalog=true", body("local"), headers: [])
      #expect(issued.status == 201 && issued.document["token"]?["expires_at"] != nil)
      let token = try #require(issued.header("X-Subject-Token"))
      let envs = try await gateway.send("GET", LocalGatewayHarness.base + "/envs", headers: [("X-Auth-Token", token)])
      #expect(envs.status == 200)
    }
  }

  @Test func aBodyOverEightMebibytesIsRefused() async throws {
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.send(
        "POST", LocalGatewayHarness.base + "/api-groups", String(repeating: " ", count: (8 << 20) + 1))
      #expect(answer.status == 413)
    }
  }

  @Test func anotherContentTypeThanJSONIsRefused() async throws {
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.send(
        "POST", LocalGatewayHarness.base + "/api-groups", "{\"name\":\"a group\"}", contentType: "text/plain")
      #expect(answer.status == 400 && answer.code == "APIG.2000")
    }
  }

  @Test func aRefusedMethodNamesTheAllowedOnes() async throws {
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.send("DELETE", LocalGatewayHarness.base + "/apis")
      #expect(answer.status == 405 && answer.header("Allow") == "GET, POST")
    }
  }

  @Test func duplicatesInABatchCountOnce() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await gateway.apiID("pay-create")
      let body: Document = ["apis": [.string(api), .string(api)], "env_id": .string(Self.release)]
      let answer = try await gateway.send(
        "POST", LocalGatewayHarness.base + "/apis/publish?action=online", body.jsonText)
      #expect(answer.status == 200 && answer.document["success"]?.arrayValue?.count == 1)
      #expect(answer.document["failure"] == [])
    }
  }

  @Test(
    arguments: [("limit=0", 11), ("limit=501", 11), ("limit=-7", 11), ("offset=-3", 11), ("limit=2", 2), ("x=y", 11)])
  func pagesAreClampedAndUnknownParametersIgnored(_ query: String, _ size: Int) async throws {
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.send("GET", LocalGatewayHarness.base + "/apis?\(query)")
      #expect(answer.status == 200 && answer.document["size"] == .integer(Int64(size)))
      #expect(answer.document["total"] == 11)
    }
  }

  @Test func anEmptyImportIsRefused() async throws {
    try await LocalGatewayHarness.with { gateway in
      let empty = try await gateway.importing("")
      #expect(empty.status == 400 && empty.code == "APIG.3609")
      let other = try await gateway.importing("openapi: 2.0\npaths: {}")
      #expect(other.status == 400 && other.code == "APIG.3601")
      let unknown = try await gateway.importing("swagger: '2.0'\npaths: {}", into: Self.nobody)
      #expect(unknown.status == 404 && unknown.code == "APIG.3001")
    }
  }

  @Test func theBuiltInEnvironmentStays() async throws {
    try await LocalGatewayHarness.with({ $0.hasDemo = false }) { gateway in
      let path = LocalGatewayHarness.base + "/envs/\(Self.release)"
      let answer = try await gateway.send("DELETE", path)
      #expect(answer.status == 403)
      let left = try await gateway.send("GET", LocalGatewayHarness.base + "/envs")
      #expect(left.document["total"] == 3)
    }
  }

  @Test func strictIDsKnowOneInstance() async throws {
    try await LocalGatewayHarness.with({ $0.hasStrictIDs = true }) { gateway in
      let other = try await gateway.send("GET", "/v2/p0/apigw/instances/other/envs")
      #expect(other.status == 404 && other.code == "APIG.3030")
      #expect(try await gateway.send("GET", LocalGatewayHarness.base + "/envs").status == 200)
    }
  }
}

import Foundation
import GatewayAPI
import GatewaySigning
import LocalGateway
import Testing

/// The identity service: who gets a token or a temporary key, and what these open, for how long.
@Suite(.timeLimit(.minutes(5))) struct IdentityTests {
  private static let envs = LocalGatewayHarness.base + "/envs"

  private static func password(_ user: String, methods: String = "\"password\"", more: String = "", scope: String = "")
    -> String
  {
    "{\"auth\":{\"identity\":{\"methods\":[\(methods)],\"password\":{\"user\":{\(user)}}\(more)}\(scope)}}"
  }

  private static let local = "\"name\":\"local\",\"domain\":{\"name\":\"acme\"},\"password\":\"local\""

  private static func signed(
    _ gateway: LocalGatewayHarness, _ credential: Credential, _ method: String = "GET", _ path: String = envs,
    query: [(name: String, value: String)] = [], at moment: Timestamp = .now()
  ) throws -> [(String, String)] {
    let url = try #require(URL(string: gateway.url))
    var request = SignableRequest(
      method: method, path: path, query: query, headers: [("Host", "127.0.0.1:\(url.port ?? 0)")])
    RequestSigner(credential: credential).sign(&request, at: SigningDate(secondsSince1970: moment.seconds))
    return request.headers
  }

  // MARK: - Temporary keys

  @Test func aTemporaryKeyNeedsItsSecurityToken() async throws {
    try await LocalGatewayHarness.with { gateway in
      let demo = LocalGatewayConfiguration.demoTemporaryCredential
      #expect(try await gateway.send("GET", Self.envs, headers: Self.signed(gateway, demo)).status == 200)
      for token in [nil, "another-token"] {
        let credential = Credential(accessKey: demo.accessKey, secretKey: demo.secretKey, securityToken: token)
        let answer = try await gateway.send("GET", Self.envs, headers: Self.signed(gateway, credential))
        #expect(answer.status == 401 && answer.code == "APIG.1002")
      }
    }
  }

  @Test func theServersKeyOpensTheGatewayUntilItEnds() async throws {
    let moment = Timestamp(seconds: 1_700_000_000)
    try await LocalGatewayHarness.with({
      $0.now = { moment }
      $0.tokenLifetime = .seconds(600)
    }) { gateway in
      let answer = try await gateway.send("GET", "/openstack/latest/securitykey", headers: [])
      let key = try Self.credential(answer)
      let end = try #require(answer.document["credential"]?["expires_at"]?.stringValue.flatMap({ Timestamp($0) }))
      #expect((600...601).contains(end.seconds - moment.seconds))
      func ask() async throws -> LocalGatewayHarness.Answer {
        try await gateway.send("GET", Self.envs, headers: Self.signed(gateway, key, at: moment))
      }
      #expect(try await ask().status == 200)
      _ = try await gateway.setClock("{\"offset\":599}")
      #expect(try await ask().status == 200)
      _ = try await gateway.setClock("{\"offset\":601}")
      let late = try await ask()
      #expect(late.status == 401 && late.code == "APIG.1001")
    }
  }

  @Test func aSetClockLeavesSignaturesAlone() async throws {
    try await LocalGatewayHarness.with { gateway in
      _ = try await gateway.setClock("{\"offset\":864000}")
      let headers = try Self.signed(gateway, LocalGatewayConfiguration.demoCredential)
      #expect(try await gateway.send("GET", Self.envs, headers: headers).status == 200)
    }
  }

  @Test func theServersKeyIsNotForBrowsers() async throws {
    try await LocalGatewayHarness.with { gateway in
      for headers in [[("Origin", "https://example.com")], [("Host", "rebound.example.com")]] {
        let answer = try await gateway.send("GET", "/openstack/latest/securitykey", headers: headers)
        #expect(answer.status == 403)
      }
    }
  }

  @Test(arguments: [
    "\"methods\":[\"token\"],\"token\":{\"id\":\"local-token\",\"duration_seconds\":900}",
    "\"methods\":[\"token\"]",
    "\"methods\":[\"assume_role\"],\"assume_role\":{\"agency_name\":\"release\",\"domain_name\":\"acme\"}",
  ])
  func aTokenOrAnAgencyGivesATemporaryKey(_ identity: String) async throws {
    try await LocalGatewayHarness.with { gateway in
      let path = "/v3.0/OS-CREDENTIAL/securitytokens"
      let answer = try await gateway.send("POST", path, "{\"auth\":{\"identity\":{\(identity)}}}")
      #expect(answer.status == 201)
      let key = try Self.credential(answer)
      #expect(try await gateway.send("GET", Self.envs, headers: Self.signed(gateway, key)).status == 200)
      let stranger = try await gateway.send(
        "POST", path, "{\"auth\":{\"identity\":{\(identity.replacing("local-token", with: "x"))}}}",
        headers: [("X-Auth-Token", "x")])
      #expect(stranger.status == 401 && stranger.document["error"]?["code"] == 401)
    }
  }

  private static func credential(_ answer: LocalGatewayHarness.Answer) throws -> Credential {
    let members = answer.document["credential"]
    return Credential(
      accessKey: try #require(members?["access"]?.stringValue),
      secretKey: try #require(members?["secret"]?.stringValue),
      securityToken: try #require(members?["securitytoken"]?.stringValue))
  }

  // MARK: - Tokens

  @Test(arguments: [
    password(local), password("\"id\":\"local\",\"password\":\"local\""),
    password(local, scope: ",\"scope\":{\"project\":{\"name\":\"cn-north-4\"}}"),
    password(local, scope: ",\"scope\":{\"domain\":{\"name\":\"acme\"}}"),
    password(
      local, methods: "\"password\",\"totp\"", more: ",\"totp\":{\"user\":{\"id\":\"local\",\"passcode\":\"123456\"}}"),
    "{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"local-token\"}}}}",
    "{\"auth\":{\"identity\":{\"methods\":[\"assume_role\"],\"assume_role\":{\"agency_name\":\"a\",\"domain_id\":\"d\"}}}}",
  ])
  func eachMethodGivesATokenThatOpensTheGateway(_ body: String) async throws {
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.send("POST", "/v3/auth/tokens", body)
      #expect(answer.status == 201, "\(answer.document.jsonText)")
      let token = try #require(answer.header("X-Subject-Token"))
      #expect(try await gateway.send("GET", Self.envs, headers: [("X-Auth-Token", token)]).status == 200)
      let details = answer.document["token"]
      for member in ["expires_at", "issued_at", "methods", "user", "roles", "catalog"] {
        #expect(details?[member] != nil, "\(member)")
      }
      #expect(details?["user"]?["domain"]?["name"] != nil)
    }
  }

  @Test func theScopeIsAnsweredAndTheCatalogCanBeLeftOut() async throws {
    try await LocalGatewayHarness.with { gateway in
      let byName = Self.password(Self.local, scope: ",\"scope\":{\"project\":{\"name\":\"cn-north-4\"}}")
      let answer = try await gateway.send("POST", "/v3/auth/tokens?nocatalog=true", byName, headers: [])
      let project = answer.document["token"]?["project"]
      #expect(project?["name"] == "cn-north-4" && project?["domain"]?["name"] == "acme")
      #expect(answer.document["token"]?["catalog"] == nil)
      // The project of a region has the ID that the list of projects tells.
      let list = try await gateway.send("GET", "/v3/projects?name=cn-north-4")
      #expect(list.document["projects"]?.arrayValue?.first?["id"] == project?["id"])
      #expect(project?["id"]?.stringValue?.count == 32)
      let byID = Self.password(Self.local, scope: ",\"scope\":{\"project\":{\"id\":\"p0\"}}")
      let other = try await gateway.send("POST", "/v3/auth/tokens", byID, headers: [])
      #expect(other.document["token"]?["project"]?["id"] == "p0")
    }
  }

  @Test func projectsAreListedForThoseWithACredential() async throws {
    try await LocalGatewayHarness.with { gateway in
      let query = [(name: "name", value: "eu-west-101")]
      let headers = try Self.signed(
        gateway, LocalGatewayConfiguration.demoCredential, "GET", "/v3/projects", query: query)
      let list = try await gateway.send("GET", "/v3/projects?name=eu-west-101", headers: headers)
      let project = list.document["projects"]?.arrayValue?.first
      #expect(list.status == 200 && project?["name"] == "eu-west-101" && project?["enabled"] == true)
      let stranger = try await gateway.send("GET", "/v3/projects", headers: [])
      #expect(stranger.status == 401 && stranger.document["error"]?["title"] == "Unauthorized")
    }
  }

  @Test(arguments: [
    (password("\"name\":\"local\",\"domain\":{\"name\":\"acme\"},\"password\":\"wrong\""), 401),
    (password("\"name\":\"other\",\"domain\":{\"name\":\"acme\"},\"password\":\"local\""), 401),
    (password("\"id\":\"other\",\"password\":\"local\""), 401),
    (
      password(
        local, methods: "\"password\",\"totp\"", more: ",\"totp\":{\"user\":{\"id\":\"local\",\"passcode\":\"1\"}}"),
      401
    ),
    ("{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"x\"}}}}", 401),
    (
      "{\"auth\":{\"identity\":{\"methods\":[\"assume_role\"],\"assume_role\":{\"agency_name\":\"a\",\"domain_id\":\"d\"}}}}",
      401
    ),
    ("{\"auth\":{\"identity\":{\"methods\":[\"assume_role\"],\"assume_role\":{\"domain_id\":\"d\"}}}}", 400),
    (password("\"name\":\"local\",\"password\":\"local\""), 400),
    (password("\"name\":\"local\",\"domain\":{\"name\":\"acme\"}"), 400),
    (password(local, methods: "\"password\",\"totp\""), 400),
    (password(local, methods: "\"saml2\""), 400), (password(local, methods: ""), 400),
    (password(local, scope: ",\"scope\":{\"project\":{}}"), 400), (password(local, scope: ",\"scope\":{}"), 400),
    ("{\"auth\":{\"identity\":{\"methods\":[\"token\"]}}}", 400),
    ("{\"auth\":{}}", 400), ("{}", 400), ("{\"auth\":{\"identity\"", 400), ("", 400), ("[]", 400),
  ])
  func whatIsWrongIsAnsweredInTheServicesOwnForm(_ body: String, _ status: Int) async throws {
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.send("POST", "/v3/auth/tokens", body, headers: [])
      #expect(answer.status == status, "\(answer.document.jsonText)")
      #expect(answer.document["error"]?["code"]?.integerValue == status)
      #expect(answer.document["error"]?["title"] == (status == 401 ? "Unauthorized" : "Bad Request"))
      #expect(answer.document["error"]?["message"]?.stringValue?.isEmpty == false)
      #expect(answer.header("X-Subject-Token") == nil)
    }
  }

  @Test func aTokenEndsAndSoDoesWhatWasMadeOfIt() async throws {
    try await LocalGatewayHarness.with({ $0.tokenLifetime = .seconds(60) }) { gateway in
      let first = try await gateway.send("POST", "/v3/auth/tokens", Self.password(Self.local), headers: [])
      let token = try #require(first.header("X-Subject-Token"))
      _ = try await gateway.setClock("{\"offset\":30}")
      let body = "{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"\(token)\"}}}}"
      let second = try await gateway.send("POST", "/v3/auth/tokens", body, headers: [])
      #expect(second.document["token"]?["expires_at"] == first.document["token"]?["expires_at"])
      let other = try #require(second.header("X-Subject-Token"))
      _ = try await gateway.setClock("{\"offset\":70}")
      for token in [token, other] {
        let answer = try await gateway.send("GET", Self.envs, headers: [("X-Auth-Token", token)])
        #expect(answer.status == 401 && answer.code == "APIG.1001")
      }
      #expect(try await gateway.send("GET", Self.envs).status == 200, "the demo's token stays")
    }
  }
}

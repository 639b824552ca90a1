import GatewayAPI
import GatewayCredentials
import GatewaySigning
import GatewayTestSupport
import LocalGateway
import Testing

@Suite(.timeLimit(.minutes(5))) struct IdentityServiceTests {
  private let clock = ManualClock()
  private let agency = Agency(name: "releaser", domain: .name("acme"))

  private func service(_ server: ScriptedServer) -> IdentityService {
    let clock = clock
    return IdentityService(endpoint: server.url, now: { clock.now })
  }

  @Test func aPasswordBecomesATokenAsDocumented() async throws {
    let end = clock.after(seconds: 86_400)
    try await withScriptedServer(answer: { _ in .token("issued", until: end) }) { server in
      let login = PasswordLogin(user: .name("ann", domain: .name("acme")), password: Secret("pass word"))
      let issued = try await service(server).token(login, scope: .projectName("cn-north-4"))
      #expect(issued == IssuedCredential(authentication: .token("issued"), expiresAt: end))
      let request = try #require(server.requests.first)
      #expect(request.method == "POST" && request.target == "/v3/auth/tokens?nocatalog=true")
      let expected: Document = [
        "auth": [
          "identity": [
            "methods": ["password"],
            "password": ["user": ["name": "ann", "password": "pass word", "domain": ["name": "acme"]]],
          ],
          "scope": ["project": ["name": "cn-north-4"]],
        ]
      ]
      #expect(try Document(json: request.body) == expected)
      #expect(request.header("X-Auth-Token") == nil && request.header("Authorization") == nil)
    }
  }

  @Test func theLocalGatewayIssuesSuchATokenAndTakesIt() async throws {
    try await withLocalGateway(LocalGatewayConfiguration(storage: .memory)) { url in
      let service = IdentityService(endpoint: "\(url)/v3/")
      let user = PasswordLogin.User.name("local", domain: .name("local"))
      let issued = try await service.token(
        PasswordLogin(user: user, password: Secret("local")), scope: .projectID("local"))
      #expect(issued.expiresAt.map { $0 > Timestamp.now() } == true)
      let error = await #expect(throws: GatewayError.self) {
        try await service.token(PasswordLogin(user: user, password: Secret("wrong-Pa55")), scope: nil)
      }
      #expect(error?.kind == .unauthenticated && error?.status == 401)
      #expect(error.map { "\($0)".contains("wrong-Pa55") } == false)
      #expect(error?.message.contains("user local of local") == true)
    }
  }

  @Test func anAgencyIsAssumedByKeyWithAKeyAndByTokenWithAToken() async throws {
    let end = clock.after(seconds: 3600)
    let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
      request.path == "/v3/auth/tokens" ? .token("of the agency", until: end) : .key("AK", "SK", "ST", until: end)
    }
    try await withScriptedServer(answer: answer) { server in
      let own = Credential(accessKey: "OWN", secretKey: "own-secret")
      let byKey = AgencyCredential(
        agency: agency, own: GatewayAuthentication.accessKey(own), service: service(server), scope: nil)
      let key = Credential(accessKey: "AK", secretKey: "SK", securityToken: "ST")
      #expect(try await byKey.obtain() == IssuedCredential(authentication: .accessKey(key), expiresAt: end))
      let byToken = AgencyCredential(
        agency: agency, own: GatewayAuthentication.token("own token"), service: service(server),
        scope: .projectID("p"))
      let token = IssuedCredential(authentication: .token("of the agency"), expiresAt: end)
      #expect(try await byToken.obtain() == token)

      let first = try #require(server.requests.first), second = try #require(server.requests.last)
      #expect(first.method == "POST" && first.target == "/v3.0/OS-CREDENTIAL/securitytokens")
      let keyBody: Document = [
        "auth": [
          "identity": [
            "methods": ["assume_role"],
            "assume_role": ["agency_name": "releaser", "domain_name": "acme", "duration_seconds": 3600],
          ]
        ]
      ]
      #expect(try Document(json: first.body) == keyBody)
      // The server's side of the signature finds it right.
      let signed = SignableRequest(
        method: first.method, path: first.path, headers: first.headers, body: first.body)
      try RequestVerifier().verify(
        signed, credential: own, now: SigningDate(secondsSince1970: clock.now.seconds))
      #expect(second.header("X-Auth-Token") == "own token")
      let tokenBody: Document = [
        "auth": [
          "identity": [
            "methods": ["assume_role"], "assume_role": ["agency_name": "releaser", "domain_name": "acme"],
          ],
          "scope": ["project": ["id": "p"]],
        ]
      ]
      #expect(try Document(json: second.body) == tokenBody)
    }
  }

  @Test func projectsAreThoseOfExactlyThatName() async throws {
    let body = "{\"projects\":[{\"id\":\"1\",\"name\":\"cn-north-4\"},{\"id\":\"2\",\"name\":\"cn-north-4_dev\"}]}"
    try await withScriptedServer(answer: { _ in .json(200, body) }) { server in
      let found = try await service(server).projects(
        named: "cn-north-4", as: .accessKey(Credential(accessKey: "a", secretKey: "s", securityToken: "t")))
      #expect(found == ["1"])
      let request = try #require(server.requests.first)
      #expect(request.target == "/v3/projects?name=cn-north-4")
      #expect(request.header("X-Security-Token") == "t")
    }
  }

  @Test(arguments: [
    (ScriptedAnswer.iamError(401, "The username or password is wrong."), "unauthenticated", "password is wrong"),
    (.iamError(403, "no permission"), "unauthenticated", "HTTP 403, no permission"),
    (.json(429, "{\"error_msg\":\"slower\"}"), "throttled", "slower"),
    (.json(502, "<html>"), "unavailable", "HTTP 502"),
    (.json(201, "{\"secret-half\":1}"), "unavailable", "cannot be read"),
    (.close, "unavailable", "IAM gave no token"),
  ])
  func whatGoesWrongSaysWhat(_ answer: ScriptedAnswer, _ kind: String, _ text: String) async throws {
    try await withScriptedServer(answer: { _ in answer }) { server in
      let login = PasswordLogin(user: .id("42"), password: Secret("hidden-Pa55"))
      let error = await #expect(throws: GatewayError.self) { try await service(server).token(login, scope: nil) }
      #expect(error?.kind.rawValue == kind)
      #expect(error?.message.contains(text) == true, "\(String(describing: error))")
      for secret in ["hidden-Pa55", "secret-half"] { #expect(!"\(String(reflecting: error))".contains(secret)) }
    }
  }

  @Test func noSecretIsInAnyDescription() {
    let login = PasswordLogin(user: .id("42"), password: Secret("hidden-Pa55"))
    let found = FoundCredential(
      form: .accessKey("AKIAXXXXXXXXXXXX", secretKey: Secret("hidden-Pa55"), securityToken: nil))
    let issued = IssuedCredential(authentication: .token("hidden-Pa55"))
    for value in [login, found, issued, Secret("hidden-Pa55")] as [Any] {
      var dumped = ""
      dump(value, to: &dumped)
      for text in ["\(value)", String(reflecting: value), dumped] { #expect(!text.contains("hidden-Pa55")) }
    }
    #expect(found.title == "access key AKIA…XX")
    #expect(maskedAccessKey("short") == "sh…")
  }
}

import Foundation
import GatewayAPI
import GatewayCredentials
import GatewaySigning
import GatewayTestSupport
import Testing

/// Which source wins, with real files in a home folder of its own.
@Suite(.timeLimit(.minutes(5))) struct CredentialChainTests {
  /// A home folder and an environment.
  private struct Home: Sendable {
    let folder: URL
    var variables: [String: String] = ["APIG_NO_METADATA": "1"]
    var profiles: [String: CredentialProfile] = [:]

    var chain: CredentialChain {
      var all = variables
      all["HOME"] = folder.path
      let variables = all
      return CredentialChain(variable: { variables[$0] }, profiles: profiles)
    }

    func write(_ text: String, to path: String, mode: Int = 0o600) throws {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    }

    mutating func profile(_ name: String, _ change: (inout CredentialProfile) -> Void) {
      var profile = CredentialProfile(
        name: name, place: "config.yaml:2:3", path: folder.appending(path: "config.yaml").path)
      change(&profile)
      profiles[name] = profile
    }
  }

  private static let kooCLI = """
    {"current":"default","profiles":[
      {"name":"default","mode":"AKSK","accessKeyId":"KOOAK","secretAccessKey":"KOO-hidden","region":"cn-north-4",
       "projectId":"koo-project"},
      {"name":"sso","mode":"SSO","ssoAuth":{"stsToken":{"accessKeyId":"SSOAK","secretAccessKey":"SSO-hidden",
       "securityToken":"SSO-token"}}},
      {"name":"half","mode":"AKSK","accessKeyId":"KOOAK"},
      {"name":"agency","mode":"AKSK","accessKeyId":"KOOAK","secretAccessKey":"KOO-hidden","region":"cn-north-4",
       "agencyName":"releaser","agencyDomainName":"acme"},
      {"name":"halfagency","mode":"AKSK","accessKeyId":"KOOAK","secretAccessKey":"KOO-hidden","agencyName":"releaser"},
      {"name":"ecs","mode":"ecsAgency"}]}
    """
  private static let sdk = """
    # the SDKs' own
    [basic]
    AK = SDKAK
    sk: SDK-hidden=:#
    project_id = sdk-project
    iam_endpoint = https://iam.example

    [prod]
    ak = PRODAK
    sk = PROD-hidden
    security_token = PROD-token
    [federal]
    idp_id = x
    id_token_file = /y
    [half]
    ak = HALFAK
    """

  private func home(_ body: @escaping @Sendable (inout Home) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      var home = Home(folder: folder)
      try await body(&home)
    }
  }

  @Test func theOrderIsTheDocumentedOne() async throws {
    try await home { home in
      try home.write(Self.sdk, to: ".huaweicloud/credentials")
      var found = try await home.chain.resolve()
      #expect(found.source == "section [basic] of the SDKs' file" && found.projectID == "sdk-project")
      #expect(found.place.hasSuffix(".huaweicloud/credentials:2") && found.identityEndpoint == "https://iam.example")
      let key = try await found.provider.authentication()
      #expect(key == .accessKey(Credential(accessKey: "SDKAK", secretKey: "SDK-hidden=:#")))

      try home.write(Self.kooCLI, to: ".hcloud/config.json")
      found = try await home.chain.resolve()
      #expect(found.source == "KooCLI's profile 'default'" && found.region == "cn-north-4")

      home.profile("default") { $0.token = Secret("own") }
      found = try await home.chain.resolve()
      #expect(found.source == "profile 'default'" && found.place == "config.yaml:2:3")

      home.variables["HW_ACCESS_KEY"] = "HWAK"
      home.variables["HW_SECRET_KEY"] = "hw"
      home.variables["HW_REGION_NAME"] = "cn-east-3"
      found = try await home.chain.resolve()
      #expect(found.source == "HW_ACCESS_KEY, HW_SECRET_KEY" && found.region == "cn-east-3")

      home.variables["HUAWEICLOUD_SDK_AK"] = "SDKENV"
      home.variables["HUAWEICLOUD_SDK_SK"] = "sdk"
      home.variables["HUAWEICLOUD_SDK_SECURITY_TOKEN"] = "st"
      home.variables["HUAWEICLOUD_SDK_PROJECT_ID"] = "env-project"
      found = try await home.chain.resolve()
      #expect(found.title == "temporary access key SD…" && found.projectID == "env-project")

      home.variables["APIG_TOKEN"] = "env-token"
      found = try await home.chain.resolve()
      #expect(found.source == "APIG_TOKEN" && found.tried.isEmpty)

      var chain = home.chain
      chain.suppliedToken = Secret("piped")
      found = try await chain.resolve()
      #expect(try await found.provider.authentication() == .token("piped"))
    }
  }

  @Test func whatWasTriedBeforeIsToldWithItsReason() async throws {
    try await home { home in
      try home.write(Self.sdk, to: ".huaweicloud/credentials")
      let tried = try await home.chain.resolve().tried
      #expect(
        tried.map(\.source) == [
          "APIG_TOKEN", "HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK", "HW_ACCESS_KEY, HW_SECRET_KEY", "config.yaml",
          "KooCLI",
        ])
      #expect(tried.last?.reason == "there is no \(home.folder.path)/.hcloud/config.json")
    }
  }

  @Test func onlyTheSourcesThatAreNeededAreOpened() async throws {
    try await home { home in
      // Whoever opened this would complain.
      try home.write("no JSON", to: ".hcloud/config.json")
      try home.write("no INI", to: ".huaweicloud/credentials")
      home.variables["APIG_TOKEN"] = "t"
      #expect(try await home.chain.resolve().source == "APIG_TOKEN")
      home.variables["APIG_TOKEN"] = nil
      let error = await #expect(throws: CredentialError.self) { try await home.chain.resolve() }
      #expect(error?.place == "\(home.folder.path)/.hcloud/config.json")
    }
  }

  @Test func aNamedProfileIsLookedForInEveryFile() async throws {
    try await home { home in
      try home.write(Self.kooCLI, to: ".hcloud/config.json")
      try home.write(Self.sdk, to: ".huaweicloud/credentials")
      home.profile("own") { $0.token = Secret("own") }
      func resolve(_ name: String, overrules: Bool = false) async throws -> ResolvedCredential {
        var chain = home.chain
        chain.profile = .init(name: name, origin: "--profile", overrulesVariables: overrules)
        return try await chain.resolve()
      }
      #expect(try await resolve("own").source == "profile 'own'")
      let sso = try await resolve("sso").provider.authentication()
      #expect(
        sso == .accessKey(Credential(accessKey: "SSOAK", secretKey: "SSO-hidden", securityToken: "SSO-token")))
      #expect(try await resolve("prod").title == "temporary access key PR…")
      #expect(try await resolve("agency").title == "agency releaser of acme, by access key KO…")
      for (name, text) in [
        ("prdo", "there is no profile 'prdo', which --profile names"), ("half", "only one of accessKeyId"),
        ("halfagency", "neither agencyDomainName nor agencyDomainId"), ("federal", "identity provider"),
        ("ecs", "holds no access key"),
      ] {
        let error = await #expect(throws: CredentialError.self) { try await resolve(name) }
        #expect(error?.message.contains(text) == true, "\(String(describing: error))")
        if name == "prdo" { #expect(error?.hint == "did you mean 'prod'?") }
      }
      // A variable goes before a profile, unless the command line names it.
      home.variables["APIG_TOKEN"] = "t"
      #expect(try await resolve("own").source == "APIG_TOKEN")
      let overruled = try await resolve("own", overrules: true)
      #expect(overruled.source == "profile 'own'" && overruled.tried.first?.source == "environment")
    }
  }

  @Test func anEncryptedFileOfKooCLIIsPassedOverAndSaysWhatToDo() async throws {
    try await home { home in
      let cipher = String(repeating: "aB3+", count: 16) + "=="
      try home.write(
        """
        {"current":"d","profiles":[{"name":"d","mode":"AKSK","accessKeyId":"\(cipher)","secretAccessKey":"\(cipher)"}]}
        """, to: ".hcloud/config.json")
      var error = await #expect(throws: CredentialError.self) { try await home.chain.resolve() }
      #expect(error?.message.contains("hcloud configure set --cli-auth-encrypt=false") == true)
      #expect(error?.message.contains("~/.huaweicloud/credentials") == true)
      #expect(!String(reflecting: error).contains(cipher))
      var chain = home.chain
      chain.profile = .init(name: "d", origin: "HW_PROFILE", overrulesVariables: false)
      let named = chain
      error = await #expect(throws: CredentialError.self) { try await named.resolve() }
      #expect(error?.message.contains("profile 'd' is encrypted") == true)
      // Without being asked for by name, it leaves the word to the next.
      try home.write(Self.sdk, to: ".huaweicloud/credentials")
      let found = try await home.chain.resolve()
      #expect(found.source.contains("SDKs"))
      #expect(found.tried.last?.reason.contains("is encrypted") == true)
    }
  }

  @Test(arguments: [
    (["HUAWEICLOUD_SDK_AK": "a"], "HUAWEICLOUD_SDK_AK is set, HUAWEICLOUD_SDK_SK is not"),
    (["HUAWEICLOUD_SDK_SK": "a"], "HUAWEICLOUD_SDK_SK is set, HUAWEICLOUD_SDK_AK is not"),
    (["HW_ACCESS_KEY": "a"], "HW_ACCESS_KEY is set, HW_SECRET_KEY is not"),
    (["HW_SECURITY_TOKEN": "a"], "HW_SECURITY_TOKEN is set, HW_ACCESS_KEY and HW_SECRET_KEY are not"),
    (["APIG_TOKEN": "hidden-Pa55\n"], "APIG_TOKEN holds characters"),
    (["HW_ACCESS_KEY": "a", "HW_SECRET_KEY": "hidden-Pa55\n"], "HW_SECRET_KEY holds characters"),
    (["HW_SHARED_CONFIG_FILE": "/no/such"], "HW_SHARED_CONFIG_FILE names /no/such, which is not there"),
    (["HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/no/such"], "HUAWEICLOUD_SDK_CREDENTIALS_FILE names /no/such"),
  ])
  func aHalfIsAnErrorAndNeverSkipped(_ variables: [String: String], _ text: String) async throws {
    try await home { home in
      // Complete, but further down the chain.
      if variables["HUAWEICLOUD_SDK_CREDENTIALS_FILE"] == nil {
        try home.write(Self.sdk, to: ".huaweicloud/credentials")
      }
      home.variables.merge(variables) { $1 }
      let error = await #expect(throws: CredentialError.self) { try await home.chain.resolve() }
      #expect(error?.message.contains(text) == true, "\(String(describing: error))")
      #expect(!String(reflecting: error).contains("hidden"))
    }
  }

  @Test(arguments: [
    ("ak = x", "1", "this value stands in no section"), ("[basic]\nhidden-Pa55", "2", "neither a section nor"),
    ("[basic\nak = hidden-Pa55", "1", "must stand in brackets"), ("[basic]\nak = a\n\nak = b", "4", "second time"),
    ("[basic]\nak = a\n[basic]", "3", "second time"), ("[basic]\r\nak = a\r\n", "1", "has ak and no sk"),
    ("[basic]\nsk = hidden-Pa55", "1", "has sk and no ak"),
  ])
  func aMistakeInTheSDKsFileIsToldWithItsLineOnly(_ text: String, _ line: String, _ message: String) async throws {
    try await home { home in
      try home.write(text, to: ".huaweicloud/credentials")
      let error = await #expect(throws: CredentialError.self) { try await home.chain.resolve() }
      #expect(error?.place == "\(home.folder.path)/.huaweicloud/credentials:\(line)")
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
      #expect(!String(reflecting: error).contains("hidden"))
    }
  }

  struct Incomplete: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let change: @Sendable (inout CredentialProfile) -> Void

    init(_ message: String, _ change: @escaping @Sendable (inout CredentialProfile) -> Void) {
      testDescription = message
      self.change = change
    }
  }

  static let incomplete: [Incomplete] = [
    Incomplete("has access_key and no secret_key") { $0.accessKey = "a" },
    Incomplete("has no access_key") { $0.secretKey = Secret("hidden-Pa55") },
    Incomplete("has user and no domain") { $0.user = "u" },
    Incomplete("has user and no password") {
      $0.user = "u"
      $0.domain = "d"
    },
    Incomplete("has a password and no user") { $0.password = Secret("hidden-Pa55") },
    Incomplete("takes its password from NOT_SET, which is not set") {
      $0.userID = "u"
      $0.passwordVariable = "NOT_SET"
    },
    Incomplete("holds more than one credential") {
      $0.token = Secret("hidden-Pa55")
      $0.accessKey = "a"
    },
    Incomplete("holds no credential") { $0.region = "cn-north-4" },
    Incomplete("has agency and no agency_domain") {
      $0.token = Secret("t")
      $0.agency = "a"
    },
    Incomplete("has agency_domain and no agency") {
      $0.token = Secret("t")
      $0.agencyDomain = "a"
    },
    Incomplete("needs IAM, and neither a region nor 'iam_endpoint'") {
      $0.userID = "u"
      $0.password = Secret("hidden-Pa55")
    },
  ]

  @Test(arguments: incomplete)
  func anIncompleteProfileSaysWhatIsMissing(_ profile: Incomplete) async throws {
    try await home { home in
      home.profile("default", profile.change)
      let error = await #expect(throws: CredentialError.self) { try await home.chain.resolve() }
      #expect(error?.message.contains(profile.testDescription) == true, "\(String(describing: error))")
      #expect(error?.place == "config.yaml:2:3")
      #expect(!String(reflecting: error).contains("hidden"))
    }
  }

  @Test func aProfileWithAUserAndAnAgencyGetsItsTokenFromIAM() async throws {
    try await home { home in
      let end = Timestamp(seconds: Timestamp.now().seconds + 86_400)
      let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
        .token(request.header("X-Auth-Token") == nil ? "users" : "agencys", until: end)
      }
      let start = home
      try await withScriptedServer(answer: answer) { server in
        var home = start
        try home.write("#!/bin/sh\necho '{\"password\":\"from a vault\"}'", to: "vault", mode: 0o700)
        let vault = home.folder.appending(path: "vault").path
        home.profile("default") {
          $0.user = "ann"
          $0.domain = "acme"
          $0.process = [vault]
          $0.agency = "releaser"
          $0.agencyDomain = "partner"
          $0.region = "cn-north-4"
          $0.identityEndpoint = server.url
        }
        let found = try await home.chain.resolve()
        #expect(found.title == "agency releaser of partner, by IAM token of user ann of acme")
        // Nothing is asked before it is needed.
        #expect(server.requests.isEmpty)
        #expect(try await found.provider.authentication() == .token("agencys"))
        #expect(server.requests.map { $0.header("X-Auth-Token") } == [nil, "users"])
        #expect(server.requests.first?.bodyText.contains("from a vault") == true)
        #expect(server.requests.allSatisfy { $0.bodyText.contains("\"project\":{\"name\":\"cn-north-4\"}") })
      }
    }
  }

  @Test func aFileThatOthersCanReadIsWarnedOf() async throws {
    try await home { home in
      try home.write(Self.sdk, to: ".huaweicloud/credentials", mode: 0o644)
      let warning = try #require(try await home.chain.resolve().warnings.first)
      #expect(warning.hasSuffix("chmod 600 \(home.folder.path)/.huaweicloud/credentials"))
      try home.write(Self.sdk, to: ".huaweicloud/credentials", mode: 0o600)
      #expect(try await home.chain.resolve().warnings.isEmpty)
    }
  }

  @Test func whatIsNoFileIsAnError() async throws {
    try await home { home in
      try FileManager.default.createDirectory(
        at: home.folder.appending(path: ".huaweicloud/credentials"), withIntermediateDirectories: true)
      let error = await #expect(throws: CredentialError.self) { try await home.chain.resolve() }
      #expect(error?.message == "this is no regular file")
    }
  }

  @Test func theMetadataServiceIsTheLastResort() async throws {
    try await home { home in
      let end = Timestamp(seconds: Timestamp.now().seconds + 86_400)
      let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
        switch (request.method, request.path, request.header("X-Metadata-Token")) {
        case ("PUT", "/meta-data/latest/api/token", _): .json(200, "session")
        case ("GET", "/openstack/latest/securitykey", "session"?):
          .key("METAAK", "hidden-Pa55", "st", until: end, status: 200)
        default: .json(401, "{}")
        }
      }
      let start = home
      try await withScriptedServer(answer: answer) { server in
        var home = start
        home.variables = ["APIG_METADATA_ENDPOINT": server.url]
        let found = try await home.chain.resolve()
        #expect(found.source == "metadata service of this server")
        #expect(found.title.hasPrefix("temporary access key ME…") && !found.title.contains("hidden"))
        let key = Credential(accessKey: "METAAK", secretKey: "hidden-Pa55", securityToken: "st")
        #expect(try await found.provider.authentication() == .accessKey(key))
        #expect(server.requests.map(\.method) == ["GET", "PUT", "GET"])
        // Neither when it is forbidden, nor when something else is there.
        home.variables["APIG_NO_METADATA"] = "1"
        let forbidden = home.chain
        await #expect(throws: CredentialError.self) { try await forbidden.resolve() }
        home.variables["APIG_NO_METADATA"] = nil
        home.variables["APIG_TOKEN"] = "t"
        #expect(try await home.chain.resolve().source == "APIG_TOKEN")
        #expect(server.requests.count == 3)
      }
    }
  }

  @Test func withoutAnythingEverySourceIsNamed() async throws {
    try await home { home in
      home.variables = ["APIG_METADATA_ENDPOINT": "http://127.0.0.1:9"]
      let chain = home.chain
      let error = await #expect(throws: CredentialError.self) { try await chain.resolve() }
      for text in ["APIG_TOKEN: not set", "KooCLI: there is no", "metadata service: no metadata service answers"] {
        #expect(error?.message.contains(text) == true, "\(String(describing: error))")
      }
    }
  }

  @Test func theListNamesEveryProfileOfEveryFile() async throws {
    try await home { home in
      try home.write(Self.kooCLI, to: ".hcloud/config.json")
      try home.write(Self.sdk, to: ".huaweicloud/credentials")
      home.profile("own") { $0.accessKey = "a" }
      let entries = try home.chain.list().entries
      #expect(entries.map(\.name).prefix(3) == ["own", "default", "sso"])
      #expect(entries.filter(\.isDefault).map(\.name) == ["default", "basic"])
      #expect(entries.filter { !$0.isUsable }.map(\.name) == ["own", "half", "halfagency", "ecs", "federal", "half"])
      #expect(!String(reflecting: entries).contains("hidden"))
    }
  }
}

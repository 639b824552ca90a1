import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// `profile` and the credentials of a run, as a user sees them.
@Suite(.timeLimit(.minutes(5))) struct ProfileTests {
  private static let secret = "s3cr3t-hidden-value"
  private static let empty = "{\"total\":0,\"size\":0,\"envs\":[]}"

  /// A project whose gateway takes its credentials from profile `prod`, and a user's file that holds it.
  private func project(_ folder: URL, endpoint: String, profile: String, permissions: Int = 0o600) throws -> Command {
    let command = Command(in: folder)
    try command.write(
      """
      default_gateway: prod
      gateways:
        prod: { endpoint: "\(endpoint)", project_id: p, instance: i, profile: prod, region: cn-north-4,
                iam_endpoint: "\(endpoint)" }
      """, to: "apig.yaml")
    try FileManager.default.createDirectory(
      at: folder.appending(path: ".config/apig-lua"), withIntermediateDirectories: true)
    try command.write("profiles:\n  prod:\n\(profile)\n", to: ".config/apig-lua/config.yaml")
    try FileManager.default.setAttributes(
      [.posixPermissions: permissions], ofItemAtPath: folder.appending(path: ".config/apig-lua/config.yaml").path)
    return command
  }

  @Test func theGatewaysProfileSignsItsRequests() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, Self.empty) }) { server in
        let command = try project(
          folder, endpoint: server.url,
          profile: "    access_key: AKIA1234567890XY\n    secret_key: \(Self.secret)\n    security_token: st")
        let run = try await command("-v", "-e", "apig.envs {}")
        #expect(run.status == 0, "\(run.messages)")
        let request = try #require(server.requests.first)
        #expect(request.header("Authorization")?.contains("Access=AKIA1234567890XY,") == true)
        #expect(request.header("X-Security-Token") == "st")
        #expect(run.messages.contains("temporary access key AKIA…XY, from profile 'prod'"))
        #expect(!(run.messages + run.output).contains(Self.secret))
      }
    }
  }

  @Test func showTellsWhatIsUsedAndWhyAndNeverTheSecret() async throws {
    try await withTemporaryFolder { folder in
      let command = try project(
        folder, endpoint: "http://127.0.0.1:9",
        profile: "    access_key: AKIA1234567890XY\n    secret_key: \(Self.secret)")
      let shown = try await command("profile", "show")
      #expect(shown.status == 0, "\(shown.messages)")
      for text in [
        "access key AKIA…XY", "profile 'prod' (config.yaml:3:5)", "cn-north-4", "apig.yaml:3:", "APIG_TOKEN", "not set",
        "http://127.0.0.1:9",
      ] {
        #expect(shown.output.contains(text), "\(shown.output)")
      }
      let json = try await command("profile", "show", "--output", "json")
      let document = try Document(json: json.output)
      #expect(document["credential"]?["value"] == "access key AKIA…XY")
      #expect(document["project"]?["value"] == "p")
      #expect(document["tried"]?.arrayValue?.count == 3)
      let list = try await command("profile", "list")
      #expect(list.output.contains("prod") && list.output.contains("config.yaml:3:5"))
      let doctor = try await command("-v", "doctor"), doctorJSON = try await command("doctor", "--output", "json")
      for output in [shown, json, list, doctor, doctorJSON] {
        #expect(!(output.output + output.messages).contains(Self.secret))
      }
    }
  }

  @Test func aPasswordBecomesATokenOfTheRealServer() async throws {
    try await withTemporaryFolder { folder in
      try await withLocalServer(in: folder, options: ["--data", ":memory:"]) { url in
        var command = try project(
          folder, endpoint: url, profile: "    user: local\n    domain: local\n    password_env: RELEASE_PASSWORD")
        command.variables["RELEASE_PASSWORD"] = "local"
        let run = try await command("-e", "return #apig.envs {}")
        #expect(run.status == 0 && run.output == "3\n", "\(run.messages)")
        command.variables["RELEASE_PASSWORD"] = Self.secret
        let refused = try await command("-v", "-e", "return #apig.envs {}")
        #expect(refused.status == 77)
        #expect(refused.messages.contains("gave no token for user local of local: HTTP 401"), "\(refused.messages)")
        #expect(!refused.messages.contains(Self.secret))
      }
    }
  }

  @Test func aProcessMayGiveTheKey() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, Self.empty) }) { server in
        let command = try project(folder, endpoint: server.url, profile: "    credential_process: sh key.sh 'a b'")
        try command.write(
          """
          echo "asked for $1" >&2
          echo '{"access_key":"AKPROCESS","secret_key":"\(Self.secret)"}'
          """, to: "key.sh")
        let run = try await command("-e", "apig.envs {} apig.envs {}")
        #expect(run.status == 0, "\(run.messages)")
        // It was run once, and what it says for people arrives.
        #expect(run.messages.contains("asked for a b\n"))
        #expect(run.messages.ranges(of: "asked for").count == 1)
        #expect(server.requests.last?.header("Authorization")?.contains("Access=AKPROCESS,") == true)
        #expect(!run.messages.contains(Self.secret))
        try command.write("echo '\(Self.secret)'; exit 4", to: "key.sh")
        let failed = try await command("-v", "-e", "apig.envs {}")
        #expect(failed.status == 77)
        #expect(failed.messages.contains("credential_process of profile 'prod': it ended with status 4"))
        #expect(!failed.messages.contains(Self.secret))
      }
    }
  }

  @Test func aTokenIsTakenFromStandardInput() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, Self.empty) }) { server in
        let command = Command(in: folder)
        try command.configure(endpoint: server.url)
        let run = try await command("--token-stdin", "-e", "apig.envs {}", input: "piped-token\nmore\n")
        #expect(run.status == 0, "\(run.messages)")
        #expect(server.requests.first?.header("X-Auth-Token") == "piped-token")
        let conflict = try await command("--token-stdin", "-", input: "return 1\n")
        #expect(conflict.status == 64 && conflict.messages.contains("exclude each other"))
        let empty = try await command("--token-stdin", "-e", "apig.envs {}", input: "\n")
        #expect(empty.status == 77 && empty.messages.contains("there is no token on standard input"))
      }
    }
  }

  @Test(arguments: ["rollback", "status"])
  func aTokenIsReadOnce(_ action: String) async throws {
    try await withTemporaryFolder { folder in
      try await withLocalServer(in: folder, options: ["--data", ":memory:"]) { url in
        let command = Command(in: folder)
        try command.configure(endpoint: url)
        let code = "apig.publish { api = 'pay-create', env = 'RELEASE' }"
        let run = try await command("--token-stdin", "-e", code, input: "local-token\n")
        #expect(run.status == 0, "\(run.messages)")
        let after = try await command(action, "--token-stdin", "last", input: "local-token\n")
        #expect(after.status == 0, "\(after.messages)")
      }
    }
  }

  @Test(arguments: [
    ("profiles:\n  x:\n    acess_key: a", 78, "config.yaml:3:5: profile 'x' has no 'acess_key'", "'access_key'"),
    ("profiles:\n  x: { access_key: a, secret_key: s3cr3t-hidden-value", 78, "config.yaml:3:", "this is no YAML"),
    ("profiles:\n  x:\n    credential_process: 'a | b'", 78, "config.yaml:3:25", "'|' is for a shell"),
    ("profiles:\n  default:\n    access_key: a", 77, "config.yaml:3:5", "has access_key and no secret_key"),
  ])
  func aMistakeInTheUsersFileIsToldWithItsPlaceAndWithoutSecrets(
    _ text: String, _ status: Int32, _ place: String, _ message: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try FileManager.default.createDirectory(
        at: folder.appending(path: ".config/apig-lua"), withIntermediateDirectories: true)
      try command.write(text, to: ".config/apig-lua/config.yaml")
      try command.configure(endpoint: "http://127.0.0.1:9")
      let run = try await command("-e", "apig.envs {}")
      #expect(run.status == status, "\(run.messages)")
      #expect(run.messages.contains(place) && run.messages.contains(message), "\(run.messages)")
      #expect(!run.messages.contains(Self.secret))
    }
  }

  @Test func flagAndVariablesNameTheProfile() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, Self.empty) }) { server in
        var command = try project(
          folder, endpoint: server.url, profile: "    token: of-prod\n  b:\n    token: of-b\n  c:\n    token: of-c")
        #expect(try await command("-e", "apig.envs {}").status == 0)
        command.variables["HW_PROFILE"] = "c"
        #expect(try await command("-e", "apig.envs {}").status == 0)
        command.variables["APIG_PROFILE"] = "b"
        #expect(try await command("-e", "apig.envs {}").status == 0)
        // What stands on the command line goes before a credential in a variable, too.
        command.variables["APIG_TOKEN"] = "of-the-variable"
        #expect(try await command("--profile", "c", "-e", "apig.envs {}").status == 0)
        #expect(try await command("-e", "apig.envs {}").status == 0)
        #expect(
          server.requests.map { $0.header("X-Auth-Token") } == ["of-prod", "of-c", "of-b", "of-c", "of-the-variable"])
        let unknown = try await command("--profile", "pord", "-e", "apig.envs {}")
        #expect(unknown.status == 77, "\(unknown.messages)")
        #expect(unknown.messages.contains("there is no profile 'pord', which --profile names"))
        #expect(unknown.messages.contains("did you mean 'prod'?"))
      }
    }
  }

  @Test func secretsDoNotBelongIntoTheProjectsFile() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("profiles:\n  x:\n    token: t", to: "apig.yaml")
      let run = try await command("-e", "return 1")
      #expect(run.status == 78)
      #expect(run.messages.contains("apig.yaml:2:3: 'profiles' holds credentials"), "\(run.messages)")
    }
  }

  @Test func aFileThatOthersCanReadIsWarnedOf() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, Self.empty) }) { server in
        let command = try project(folder, endpoint: server.url, profile: "    token: t", permissions: 0o644)
        let run = try await command("-e", "apig.envs {}")
        #expect(run.status == 0 && run.messages.contains("warning: "), "\(run.messages)")
        #expect(run.messages.contains("chmod 600 \(folder.path)/.config/apig-lua/config.yaml"))
        #expect(try await command("--quiet", "-e", "apig.envs {}").messages.isEmpty)
      }
    }
  }

  @Test func projectAndInstanceAreLookedUpByName() async throws {
    let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
      switch request.path {
      case "/v3/projects": .json(200, "{\"projects\":[{\"id\":\"found-project\",\"name\":\"cn-north-4\"}]}")
      case "/v2/found-project/apigw/instances":
        .json(
          200, "{\"total\":1,\"size\":1,\"instances\":[{\"id\":\"found-instance\",\"instance_name\":\"apig-prod\"}]}")
      default: .json(200, Self.empty)
      }
    }
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: answer) { server in
        var command = Command(in: folder)
        command.variables["APIG_TOKEN"] = "t"
        func configure(_ name: String) throws {
          try command.write(
            """
            default_gateway: prod
            gateways:
              prod: { endpoint: "\(server.url)", region: cn-north-4, iam_endpoint: "\(server.url)",
                      instance_name: \(name) }
            """, to: "apig.yaml")
        }
        try configure("apig-prod")
        let run = try await command("-e", "apig.envs {}")
        #expect(run.status == 0, "\(run.messages)")
        #expect(server.requests.last?.path == "/v2/found-project/apigw/instances/found-instance/envs")
        try configure("apig-prd")
        let unknown = try await command("-e", "apig.envs {}")
        #expect(unknown.status == 78 && unknown.messages.contains("no gateway named 'apig-prd'"))
        #expect(unknown.messages.contains("did you mean 'apig-prod'?"))
      }
    }
  }

  @Test func anUnknownRegionNeedsAnEndpoint() async throws {
    try await withTemporaryFolder { folder in
      var withToken = Command(in: folder)
      withToken.variables["APIG_TOKEN"] = "t"
      let command = withToken
      try command.write(
        "default_gateway: g\ngateways:\n  g: { region: cn-nort-4, project_id: p, instance: i }", to: "apig.yaml")
      let unknown = try await command("-e", "apig.envs {}")
      #expect(unknown.status == 78)
      #expect(unknown.messages.contains("there is no region 'cn-nort-4'"), "\(unknown.messages)")
      #expect(unknown.messages.contains("did you mean 'cn-north-4'?"))
      try await withScriptedServer(answer: { _ in .json(200, Self.empty) }) { server in
        try command.write(
          """
          default_gateway: g
          gateways:
            g: { region: cn-nort-4, project_id: p, instance: i, endpoint: "\(server.url)" }
          """, to: "apig.yaml")
        #expect(try await command("-e", "apig.envs {}").status == 0)
      }
    }
  }
}

import Foundation
import GatewayTestSupport
import Testing

/// Configuration files and the environment.
@Suite struct ConfigurationTests {
  private static let empty = "{\"total\":0,\"size\":0,\"envs\":[]}"

  @Test(arguments: [
    ("gateways: [", "apig.yaml", "this is no YAML"),
    ("gateways:\n  prod:\n    endpont: https://x", "apig.yaml:3", "gateway 'prod' has no 'endpont'"),
    ("gateways:\n  prod:\n    endpoint: ftp://x", "apig.yaml:3", "'endpoint' is no URL"),
    ("gateways:\n  prod:\n    product: apim", "apig.yaml:3", "'product' cannot be 'apim'"),
    ("gateways:\n  local:\n    endpoint: https://x", "apig.yaml:3", "the name 'local' is taken"),
    ("default_gatway: x", "apig.yaml:1", "did you mean 'default_gateway'?"),
    (
      "default_gateway: prod\ngateways:\n  prod:\n    region: cn-north-4", "apig.yaml:4",
      "gateway 'prod' has no instance"
    ),
    ("permissions:\n  alow: []", "apig.yaml:2:3", "did you mean 'allow'?"),
    ("permissions:\n  allow: [htp:https://x]", "apig.yaml:2:11", "did you mean 'http'?"),
    ("permissions:\n  allow: read", "apig.yaml:2:10", "'allow' must be a list"),
    ("gateways:\n  prod:\n    envs: { R: { protect: maybe } }", "apig.yaml:3:26", "'protect' cannot be 'maybe'"),
    ("gateways:\n  prod:\n    envs: { R: { protct: none } }", "apig.yaml:3:17", "did you mean 'protect'?"),
    ("gateways:\n  prod:\n    envs: { R: { promote_from: R } }", "apig.yaml:3:31", "is 'R' itself"),
    ("gateways:\n  prod:\n    propagation: soon", "apig.yaml:3:18", "'propagation' cannot be 'soon'"),
    ("gateways:\n  prod:\n    profil: x", "apig.yaml:3:5", "did you mean 'profile'?"),
  ])
  func aMistakeIsNamedWithItsLine(_ text: String, _ place: String, _ message: String) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(text, to: "apig.yaml")
      let run = try await command("-e", "apig.envs {}")
      #expect(run.status == 78, "\(run.messages)")
      #expect(run.messages.contains(place) && run.messages.contains(message), "\(run.messages)")
    }
  }

  @Test(arguments: [
    ("project_id: p, instance: i", "gateway 'prod' has no endpoint"),
    ("endpoint: https://x.example, instance: i", "gateway 'prod' has no project_id"),
  ])
  func whatNoCredentialWouldGiveIsAskedFor(_ entry: String, _ message: String) async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["APIG_TOKEN"] = "t"
      try command.write("default_gateway: prod\ngateways:\n  prod: { \(entry) }", to: "apig.yaml")
      let run = try await command("-e", "apig.envs {}")
      #expect(run.status == 78, "\(run.messages)")
      #expect(run.messages.contains("apig.yaml:3:9: \(message)"), "\(run.messages)")
    }
  }

  @Test func theProjectsFileIsFoundFromBelowAndWinsOverTheUsers() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, Self.empty) }) { server in
        let below = folder.appending(path: "a/b")
        try FileManager.default.createDirectory(at: below, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
          at: folder.appending(path: ".config/apig-lua"), withIntermediateDirectories: true)
        let user = Command(in: folder)
        try user.write(
          """
          default_gateway: mine
          gateways:
            mine: { endpoint: "\(server.url)", project_id: p, instance: users }
            test: { endpoint: "\(server.url)", project_id: p, instance: overruled }
          """, to: ".config/apig-lua/config.yaml")
        try user.configure(endpoint: server.url)
        var command = Command(in: below)
        command.variables = ["HOME": folder.path, "APIG_TOKEN": "t"]
        #expect(try await command("-e", "apig.envs {}").status == 0)
        #expect(try await command("--gateway", "mine", "-e", "apig.envs {}").status == 0)
        command.variables["APIG_GATEWAY"] = "mine"
        #expect(try await command("-e", "apig.envs {}").status == 0)
        let instances = server.requests.map { $0.path.split(separator: "/")[4] }
        #expect(instances == ["eddc4d25480b4cd6b512f270a1b8b341", "users", "users"])
      }
    }
  }

  @Test func aLocalGatewayThatCannotStartSaysWhy() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("no database", to: "data.db")
      let broken = try await command("local", "start", "--data", "data.db")
      #expect(broken.status == 78 && broken.messages.contains("its data file data.db cannot be used"))
      #expect(broken.messages.contains("file is not a database") && broken.messages.contains("local reset"))
      let nowhere = try await command("local", "reset", "--data", "data.db/x/y.db")
      #expect(nowhere.status == 78 && nowhere.messages.contains("data.db/x/y.db"), "\(nowhere.messages)")
      try await withScriptedServer(answer: { _ in .close }) { server in
        let port = server.url.split(separator: ":").last.map(String.init) ?? ""
        let taken = try await command("local", "start", "--data", ":memory:", "--port", port)
        #expect(taken.status == 78 && taken.messages.contains("it cannot listen on 127.0.0.1:\(port)"))
        #expect(taken.messages.contains("--port 0 takes any free one"))
      }
    }
  }

  @Test func halfAnAccessKeyIsSaidToBeSo() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      try command.configure(endpoint: "http://127.0.0.1:9")
      command.variables["HUAWEICLOUD_SDK_AK"] = "ak"
      let run = try await command("-e", "apig.envs {}")
      #expect(run.status == 77)
      #expect(run.messages.contains("HUAWEICLOUD_SDK_AK is set, HUAWEICLOUD_SDK_SK is not"))
    }
  }

  @Test func theProvidersVariablesAreTakenToo() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, Self.empty) }) { server in
        var command = Command(in: folder)
        try command.configure(endpoint: server.url)
        command.variables = ["HW_ACCESS_KEY": "HWAK", "HW_SECRET_KEY": "s"]
        #expect(try await command("-e", "apig.envs {}").status == 0)
        #expect(server.requests.first?.header("Authorization")?.contains("Access=HWAK,") == true)
      }
    }
  }
}

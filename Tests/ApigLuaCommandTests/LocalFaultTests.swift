import Foundation
import GatewayTestSupport
import Testing

/// `local fault` as people use it: on a gateway that runs, and on the one that a script's run brings along.
@Suite(.timeLimit(.minutes(5))) struct LocalFaultTests {
  private static let publish = "local a = require 'apig'; a.publish { api = 'pay-webhook', env = 'RELEASE' }"

  @Test func aScriptsOwnGatewayObeysWhatTheFileHolds() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let added = try await command("local", "fault", "publish: 403 times=1")
      #expect(added.status == 0 && added.messages.contains("1 fault holds in"), "\(added.messages)")
      let refused = try await command("-e", Self.publish)
      #expect(refused.status != 0 && refused.messages.contains("APIG.1005"), "\(refused.messages)")
      let passed = try await command("-e", Self.publish)
      #expect(passed.status == 0, "\(passed.messages)")
      let listed = try await command("local", "fault", "--list")
      let rows = listed.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
      #expect(rows == ["matched fired rule", "2 1 publish: 403 times=1"])
      let cleared = try await command("local", "fault", "--clear")
      #expect(cleared.status == 0 && cleared.messages.contains("no fault holds"))
      #expect(try await command("local", "fault").output == "")
    }
  }

  @Test func theGatewayThatRunsIsFoundAndForgotten() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["XDG_RUNTIME_DIR"] = folder.appending(path: "run").path
      let asked = command
      let record = folder.appending(path: "run/apig-lua/local-gateway.json").path
      let options = ["--data", ":memory:", "--fault", "history: 503"]
      try await withLocalServer(in: folder, options: options, variables: command.variables) { url in
        let attributes = try FileManager.default.attributesOfItem(atPath: record)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let added = try await asked("local", "fault", "*: latency=1ms", "rate 50/s")
        #expect(added.status == 0 && added.messages.contains("3 faults hold in \(url)"), "\(added.messages)")
        let named = try await asked("local", "fault", "--list", "--url", url)
        #expect(named.output.contains("rate 50/s") && named.output.contains("history: 503"))
        #expect(try await asked("local", "fault", "--clear").messages.contains("no fault holds in \(url)"))
      }
      #expect(!FileManager.default.fileExists(atPath: record))
      // With nobody there the data file is meant.
      #expect(try await command("local", "fault", "*: 503").messages.contains("local-gateway.db"))
    }
  }

  @Test func whatAKilledGatewayLeftIsNotBelieved() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "data/apig-lua"), withIntermediateDirectories: true)
      // No process has the highest number there is.
      try command.write(
        "{\"url\":\"http://127.0.0.1:1\",\"pid\":2147483647}", to: "data/apig-lua/local-gateway.json")
      let added = try await command("local", "fault", "*: 503")
      #expect(added.status == 0 && added.messages.contains("local-gateway.db"), "\(added.messages)")
    }
  }

  @Test func aKilledGatewaysNumberMayBeAnotherProcesss() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "data/apig-lua"), withIntermediateDirectories: true)
      try await withClosedPort { url in
        let number = ProcessInfo.processInfo.processIdentifier
        try command.write("{\"url\":\"\(url)\",\"pid\":\(number)}", to: "data/apig-lua/local-gateway.json")
        let added = try await command("local", "fault", "*: 503")
        #expect(added.status == 0, "\(added.messages)")
        #expect(added.messages.contains("nobody listens at \(url)") && added.messages.contains("local-gateway.db"))
      }
    }
  }

  @Test func aGatewayThatOthersCanReachIsFoundByItsLoopbackAddress() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let options = ["--data", ":memory:", "--host", "0.0.0.0", "--admin"]
      try await withLocalServer(in: folder, options: options) { _ in
        let added = try await command("local", "fault", "*: 503")
        #expect(added.status == 0 && added.messages.contains("1 fault holds in http://127.0.0.1:"), "\(added.messages)")
      }
    }
  }

  @Test func aWrongRuleClearsNothing() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let added = try await command("local", "fault", "*: 503")
      #expect(added.status == 0, "\(added.messages)")
      #expect(try await command("local", "fault", "--clear", "history: 429", "publsh: 429").status == 64)
      #expect(try await command("local", "fault", "--list").output.contains("*: 503"))
    }
  }

  @Test func aWrongRuleIsShownWithItsPlace() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      for arguments in [["local", "fault", "publsh: 429"], ["local", "start", "--fault", "publsh: 429"]] {
        let result = try await command.run(arguments)
        #expect(result.status == 64)
        #expect(result.messages.contains("publsh: 429\n") && result.messages.contains("^^^^^^"), "\(result.messages)")
        #expect(result.messages.contains("did you mean 'publish'?"))
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "data").path))
    }
  }

  @Test func whoDoesNotAnswerIsNamed() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let nobody = try await command("local", "fault", "*: 503", "--url", "http://127.0.0.1:1")
      #expect(nobody.status == 69 && nobody.messages.contains("http://127.0.0.1:1"), "\(nobody.messages)")
      try await withLocalServer(in: folder, options: ["--data", ":memory:", "--no-admin"]) { url in
        let closed = try await command("local", "fault", "*: 503", "--url", url)
        #expect(closed.status == 69 && closed.messages.contains("--no-admin"), "\(closed.messages)")
      }
    }
  }

  @Test(arguments: [
    ["--token-lifetime", "500ms"], ["--propagation", "soon"], ["--propagation", "2h"], ["--fault", ""],
  ])
  func aWrongOptionOfStartIsRefused(_ options: [String]) async throws {
    try await withTemporaryFolder { folder in
      let result = try await Command(in: folder).run(["local", "start", "--data", ":memory:"] + options)
      #expect(result.status == 64 && !result.messages.isEmpty)
    }
  }
}

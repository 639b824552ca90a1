import GatewayScripting
import GatewayTestSupport
import LuaRuntime
import ReleaseEngine
import Subprocess
import SystemPackage
import Testing

@testable import ApigLuaCommand

/// What a run that could not be undone tells people to type.
@Suite(.timeLimit(.minutes(5))) struct NextCommandTests {
  /// - Parameter isDefault: whether commands work on the gateway without being told.
  private func failedUndo(isDefault: Bool, _ script: String) async throws -> Command.Result {
    try await withTemporaryFolder { folder in
      let faults = ["switch_version", "offline"].flatMap { ["--fault", "\($0): 404 code=APIG.3002"] }
      return try await withLocalServer(in: folder, options: ["--data", ":memory:"] + faults) { url in
        var command = Command(in: folder)
        command.variables["APIG_TOKEN"] = "local-token"
        try command.write(
          """
          default_gateway: \(isDefault ? "prod" : "local")
          gateways:
            prod: { endpoint: "\(url)", project_id: p, instance: local, propagation: 0 }
          """, to: "apig.yaml")
        let code = "apig.with_rollback(function() \(script) error('ill') end)"
        return try await command.run((isDefault ? [] : ["--gateway", "prod"]) + ["-e", code])
      }
    }
  }

  @Test func theyNameTheGatewayThatIsNotTheDefault() async throws {
    let script = "apig.publish { api = 'pay-create', env = 'RELEASE' }"
    let named = try await failedUndo(isDefault: false, script)
    #expect(named.status == 5)
    #expect(
      named.messages.contains("by hand: apig-lua --gateway prod api switch pay-create --env RELEASE --version 2"),
      "\(named.messages)")
    let plain = try await failedUndo(isDefault: true, script)
    #expect(plain.messages.contains("by hand: apig-lua api switch pay-create --env RELEASE"), "\(plain.messages)")
  }

  @Test func eachLineNamesTheGatewayOfItsAPI() async throws {
    try await withTemporaryFolder { folder in
      let options = ["--data", ":memory:", "--fault", "switch_version: 404 code=APIG.3002"]
      try await withLocalServer(in: folder, options: options) { first in
        try await withLocalServer(in: folder, options: options) { second in
          var command = Command(in: folder)
          command.variables["APIG_TOKEN"] = "local-token"
          try command.write(
            """
            default_gateway: prod
            gateways:
              prod: { endpoint: "\(first)", project_id: p, instance: local, propagation: 0 }
              spare: { endpoint: "\(second)", project_id: p, instance: local, propagation: 0 }
            """, to: "apig.yaml")
          let code = """
            apig.with_rollback(function()
              apig.publish { api = "pay-create", env = "RELEASE" }
              apig.gateway("spare"):publish { api = "pay-create", env = "RELEASE" }
              error("ill")
            end)
            """
          let run = try await command("-e", code)
          #expect(run.status == 5)
          #expect(run.messages.contains("by hand: apig-lua api switch pay-create"), "\(run.messages)")
          #expect(run.messages.contains("by hand: apig-lua --gateway spare api switch pay-create"), "\(run.messages)")
          #expect(run.messages.contains(/gateway +API +runs now/) && run.messages.contains(/spare +pay-create/))
        }
      }
    }
  }

  @Test(
    arguments: [
      (["--token", "hush-77", "--group", "pay"], "weekly.lua --group pay (and -p token=…)"),
      (["--group", "pay", "--token=hush-77"], "weekly.lua --group pay (and -p token=…)"),
      (["hush-77"], nil),
    ] as [([String], String?)])
  func secretsAreLeftOutOfWhatIsTypedAgain(_ arguments: [String], _ words: String?) {
    func start(_ parameters: ParameterValues) -> RunStart {
      RunStart(
        chunk: LuaChunk(name: "weekly.lua", source: []), path: "/releases/weekly.lua", parameters: parameters, seed: 1,
        flags: [:], startedAt: "", secrets: SecretParameters(values: ["token": "hush-77"]))
    }
    #expect(start(ParameterValues(arguments: arguments)).words(in: "/releases") == words)
    let named = ParameterValues(named: [(name: "token", value: "hush-77"), (name: "group", value: "pay")])
    #expect(start(named).words(in: "/releases") == "weekly.lua -p group=pay (and -p token=…)")
  }

  @Test func whatIsNotListedIsInTheRunsJournal() {
    let changes = (1...3).map {
      APIChange(
        gateway: "local", apiID: "id-\($0)", apiName: nil, environmentID: "e", operation: "publish", before: .none,
        after: .version(id: "v", number: "n"), state: .changed)
    }
    let style = Style(.never, variables: EnvironmentVariables([:]), stream: .error)
    let report = ChangeReport(
      changes: RunChanges(apis: changes, others: []), style: style, limit: (2, "r-1NG20Y8BEZ"))
    #expect(report.text.hasSuffix("  … and 1 more: apig-lua journal show r-1NG20Y8BEZ lists them all\n"))
  }

  @Test func whatWasNotPublishedIsTakenOfflineByHand() async throws {
    let run = try await failedUndo(isDefault: false, "apig.publish { api = 'pay-webhook', env = 'RELEASE' }")
    let line = "by hand: apig-lua --gateway prod api offline pay-webhook --env RELEASE\n"
    #expect(run.status == 5 && run.messages.contains(line), "\(run.messages)")
  }

  @Test(arguments: ["plain-1", "it's (new)", "a b\t$HOME `x`", "", "支付\\"])
  func namesAreOneWordToTheShell(name: String) async throws {
    let said = try await Subprocess.run(
      .path("/bin/sh"), arguments: ["-c", "for word in \(name.shellQuoted); do printf '<%s>' \"$word\"; done"],
      output: .string(limit: 1 << 10))
    #expect(said.standardOutput == "<\(name)>")
  }
}

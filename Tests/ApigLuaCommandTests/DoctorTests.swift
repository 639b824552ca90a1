import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DoctorTests {
  private static let gateways = "{\"total\":2,\"size\":1,\"instances\":[{\"id\":\"i\",\"instance_name\":\"n\"}]}"

  /// An answer with a `Date` so many seconds off.
  private static func answer(_ status: String, _ body: String, offBy seconds: Int64 = 0) -> ScriptedAnswer {
    let words = DateFormatter()
    words.locale = Locale(identifier: "en_US_POSIX")
    words.timeZone = TimeZone(secondsFromGMT: 0)
    words.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    let date = words.string(from: Date(timeIntervalSinceNow: TimeInterval(seconds)))
    return .bytesThenClose(
      Array(
        """
        HTTP/1.1 \(status)\r
        Date: \(date)\r
        Content-Type: application/json\r
        Content-Length: \(body.utf8.count)\r
        Connection: close\r
        \r
        \(body)
        """.utf8))
  }

  private func outcomes(_ output: String) throws -> [String: String] {
    let checks = try Document(json: output)["checks"]?.arrayValue ?? []
    return Dictionary(
      checks.map { ($0["name"]?.stringValue ?? "", $0["outcome"]?.stringValue ?? "") }, uniquingKeysWith: { $1 })
  }

  @Test func withoutAnyConfigurationAllIsWell() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let run = try await command("doctor")
      #expect(run.status == 0, "\(run.output)\(run.messages)")
      for text in ["gateway", "local", "built-in", "apig-lua 0.1.0, Lua 5.4", "is made by the first run", "sandbox"] {
        #expect(run.output.contains(text), "\(run.output)")
      }
      // It looks and makes nothing.
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test func everySettingSaysWhereItComesFrom() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      try command.configure(endpoint: "http://127.0.0.1:9")
      command.variables = ["APIG_ENV": "STAGING", "APIG_TOKEN": "t"]
      let run = try await command("doctor", "--offline", "--timeout", "5s", "--output", "json")
      #expect(run.status == 0, "\(run.output)")
      let settings = try Document(json: run.output)["settings"]?.arrayValue ?? []
      let origins = Dictionary(
        settings.map { ($0["name"]?.stringValue ?? "", $0["from"]?.stringValue ?? "") }, uniquingKeysWith: { $1 })
      #expect(
        origins == [
          "gateway": "apig.yaml:1:18", "env": "APIG_ENV", "timeout": "--timeout", "output": "--output",
          "color": "built-in", "concurrency": "built-in", "retries": "built-in",
          "on interrupt": "built-in", "lock timeout": "built-in",
        ])
      let outcomes = try outcomes(run.output)
      #expect(outcomes["endpoint"] == "skipped" && outcomes["signed call"] == "skipped")
    }
  }

  @Test func aGatewayThatWorksIsCalledOnceSigned() async throws {
    try await withTemporaryFolder { folder in
      let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
        request.path == "/" ? Self.answer("404 Not Found", "{}") : .json(200, Self.gateways)
      }
      try await withScriptedServer(answer: answer) { server in
        var command = Command(in: folder)
        try command.configure(endpoint: server.url)
        command.variables = ["HUAWEICLOUD_SDK_AK": "AKIA1234567890XY", "HUAWEICLOUD_SDK_SK": "s3cr3t-hidden-value"]
        let run = try await command("doctor", "--timeout", "1m")
        #expect(run.status == 0, "\(run.output)\(run.messages)")
        #expect(run.output.contains("✔ signed call: accepted; the project has 2 gateways"), "\(run.output)")
        #expect(run.output.contains("✔ clock"))
        #expect(server.requests.map { $0.header("Authorization") != nil } == [false, true])
        #expect(!(run.output + run.messages).contains("s3cr3t"))
      }
    }
  }

  @Test func whatIsWrongDecidesTheExitCode() async throws {
    try await withTemporaryFolder { folder in
      let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
        request.path == "/"
          ? Self.answer("200 OK", "{}")
          : .json(401, "{\"error_code\":\"APIG.1002\",\"error_msg\":\"Incorrect token\"}")
      }
      try await withScriptedServer(answer: answer) { server in
        var command = Command(in: folder)
        try command.configure(endpoint: server.url)
        let none = try await command("doctor", "--timeout", "1m")
        #expect(none.status == 77 && none.output.contains("✘ credential: there is no credential"), "\(none.output)")
        #expect(none.output.contains("✔ endpoint"))
        command.variables["APIG_TOKEN"] = "t"
        let refused = try await command("doctor", "--timeout", "1m")
        #expect(refused.status == 77 && refused.output.contains("✘ signed call"), "\(refused.output)")
        #expect(refused.output.contains("APIG.1002"))
      }
      var command = Command(in: folder)
      command.variables["APIG_TOKEN"] = "t"
      try command.configure(endpoint: "http://127.0.0.1:9")
      let unreachable = try await command("doctor", "--timeout", "1m")
      #expect(unreachable.status == 69 && unreachable.output.contains("✘ endpoint"), "\(unreachable.output)")
      #expect(unreachable.output.contains("signed call: not tried"))
      try command.write("gateways: [", to: "apig.yaml")
      #expect(try await command("doctor", "--timeout", "1m").status == 78)
      let unknown = try await command("doctor", "--gateway", "locl")
      #expect(unknown.status == 78)
    }
  }

  @Test(
    arguments: [(0, "fine"), (200, "warning"), (-200, "warning"), (2000, "failed"), (-2000, "failed")]
      as [(Int64, String)])
  func aClockThatIsOffIsSaidToBeSo(_ seconds: Int64, _ outcome: String) async throws {
    try await withTemporaryFolder { folder in
      let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
        request.path == "/" ? Self.answer("200 OK", "{}", offBy: seconds) : .json(200, Self.gateways)
      }
      try await withScriptedServer(answer: answer) { server in
        var command = Command(in: folder)
        try command.configure(endpoint: server.url)
        command.variables["APIG_TOKEN"] = "t"
        let run = try await command("doctor", "--timeout", "1m", "--output", "json")
        #expect(try outcomes(run.output)["clock"] == outcome, "\(run.output)")
        #expect(run.status == (outcome == "failed" ? 77 : 0))
      }
    }
  }

  @Test func aServerThatNeverAnswersCostsSeconds() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .silence }) { server in
        var command = Command(in: folder)
        try command.configure(endpoint: server.url)
        command.variables["APIG_TOKEN"] = "t"
        let run = try await command("doctor")
        #expect(run.status == 69 && run.output.contains("✘ endpoint: no whole answer came within 5"), "\(run.output)")
      }
    }
  }

  @Test func aBrokenDataFileIsFound() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let data = folder.appending(path: "data/apig-lua")
      try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
      try command.write("no database at all", to: "data/apig-lua/local-gateway.db")
      let run = try await command("doctor")
      #expect(run.status == 78 && run.output.contains("✘ local gateway"), "\(run.output)")
      #expect(run.output.contains("apig-lua local reset"))
    }
  }
}

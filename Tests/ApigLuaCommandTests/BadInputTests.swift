import Foundation
import GatewayAPI
import GatewayTestSupport
import Synchronization
import Testing

/// Bad input of every kind: a clear message, the right exit code, and nothing changed.
@Suite struct BadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let arguments: [String]
    let status: Int32
    /// What the message must hold.
    let says: [String]

    init(_ name: String, _ arguments: [String], _ status: Int32, _ says: String...) {
      testDescription = name
      self.arguments = arguments
      self.status = status
      self.says = says
    }
  }

  private static func call(_ code: String) -> [String] { ["-e", code] }

  static let cases: [Case] = [
    Case("no such file", ["release.luaa"], 64, "there is no file 'release.luaa'", "did you mean 'release.lua'?"),
    Case("a mistyped command", ["locl"], 64, "no command and no file 'locl'", "did you mean 'local'?"),
    Case("a folder", ["folder"], 64, "folder is a folder"),
    Case("a syntax error", call("local x = = 1"), 1, "-e:1", "unexpected symbol near '='"),
    Case("bytecode", ["bytecode.lua"], 1, "bytecode"),
    Case("an unknown flag", ["--gatway", "local", "release.lua"], 64, "unknown option '--gatway'", "--gateway"),
    Case("a flag's wrong value", ["--output", "jsn", "release.lua"], 64, "jsn"),
    Case(
      "an unknown gateway", ["--gateway", "locl", "-e", "apig.envs{}"], 64, "no gateway 'locl'", "did you mean 'local'?"
    ),
    Case("a missing parameter", ["release.lua"], 64, "missing parameter --group"),
    Case(
      "an unknown parameter", ["release.lua", "--grup", "x"], 64, "unknown parameter --grup", "did you mean --group?"),
    Case("a parameter without value", ["release.lua", "--group"], 64, "--group needs a value"),
    Case(
      "an unknown option", call("apig.publish { api = 'pay-create', enviroment = 'RELEASE' }"), 1,
      "unknown option 'enviroment' to 'publish'", "did you mean 'env'?"),
    Case("a missing option", call("apig.publish { api = 'pay-create' }"), 1, "'publish' needs 'env'"),
    Case(
      "a wrong type", call("apig.publish { api = 42, env = 'RELEASE' }"), 1,
      "bad option 'api' to 'publish' (api name, ID or record expected, got number)"),
    Case("no table", call("apig.publish 'pay-create'"), 1, "bad argument #1 to 'publish' (table expected, got string)"),
    Case(
      "an unknown API", call("apig.publish { api = 'pay-creat', env = 'RELEASE' }"), 1,
      "there is no API named 'pay-creat'", "did you mean 'pay-create'?"),
    Case("an unknown API by ID", call("apig.publish { api_id = ('0'):rep(32), env = 'RELEASE' }"), 1, "APIG.3002"),
    Case(
      "an unknown environment", call("apig.publish { api = 'pay-create', env = 'RELASE' }"), 1,
      "there is no environment named 'RELASE'", "did you mean 'RELEASE'?"),
    Case("an unknown group", call("apig.apis { group = 'payment' }"), 1, "no API group named 'payment'", "'payments'"),
    Case(
      "an unknown version", call("apig.switch_version { api = 'pay-create', env = 'RELEASE', version = '123' }"), 1,
      "pay-create has no version 123 in RELEASE", "the gateway keeps"),
    Case(
      "a version of another environment",
      call(
        """
        local v = apig.history { api = 'pay-create', env = 'STAGING' }[1]
        apig.switch_version { api = 'pay-create', env = 'RELEASE', version = v }
        """), 1, "pay-create has no version", "in RELEASE"),
    Case(
      "a remark of 256 characters",
      call("apig.publish { api = 'pay-create', env = 'RELEASE', remark = ('x'):rep(256) }"),
      1, "'remark' is 256 characters long, at most 255"),
    Case(
      "a batch over the limit",
      call(
        """
        local ids = {}
        for i = 1, 1001 do ids[i] = ('%032x'):format(i) end
        apig.batch { action = 'online', apis = ids, env = 'RELEASE' }
        """), 1, "'apis' holds 1001 APIs, one request takes at most 1000"),
    Case(
      "an empty list", call("apig.publish { apis = {}, env = 'RELEASE' }"), 1, "'apis' of 'publish' is an empty list"),
    Case(
      "a wrong choice", call("apig.batch { action = 'onlin', apis = { 'pay-create' }, env = 'RELEASE' }"), 1,
      "'action' cannot be \"onlin\"", "did you mean \"online\"?"),
    Case(
      "api and apis", call("apig.publish { api = 'pay-create', apis = { 'pay-refund' }, env = 'RELEASE' }"), 1,
      "takes one of 'api' and 'apis'"),
    Case("offline twice", call("apig.offline { api = 'pay-webhook', env = 'RELEASE' }"), 1, "APIG.3015"),
    Case(
      "a field that a record cannot have", call("return apig.history { api = 'pay-create' }[1].remarc"), 1,
      "a version has no field 'remarc'", "did you mean 'remark'?"),
    Case("a value without a form", call("return print"), 1, "a function"),
    Case("a path as an ID", call("apig.history { api_id = '../../x' }"), 1, "'api_id' is no ID"),
    Case("no memory left", call("local t = {} while true do t[#t + 1] = ('x'):rep(1e5) .. #t end"), 1, "limit: memory"),
    Case("no time left", ["--max-cpu", "200ms", "-e", "while true do end"], 1, "limit: time"),
    Case("no calls left", ["--max-calls", "2", "-e", "while true do pcall(apig.envs) end"], 1, "limit: calls"),
    Case("a deadline", ["--deadline", "300ms", "-e", "while true do apig.envs {} end"], 1, "limit: time"),
  ]

  @Test(arguments: cases)
  func isSaidClearlyAndChangesNothing(_ bad: Case) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(String(contentsOfFile: ReleaseTests.playbook, encoding: .utf8), to: "release.lua")
      try Data([0x1B] + Array("Lua bytecode".utf8)).write(to: folder.appending(path: "bytecode.lua"))
      try FileManager.default.createDirectory(at: folder.appending(path: "folder"), withIntermediateDirectories: true)
      let before = try await Self.state(command)
      let result = try await command.run(bad.arguments)
      #expect(result.status == bad.status, "\(result.messages)")
      for text in bad.says { #expect(result.messages.contains(text), "\(result.messages)") }
      #expect(result.output.isEmpty)
      #expect(try await Self.state(command) == before)
    }
  }

  /// What every API of the demo project runs, and how many versions it has.
  private static func state(_ command: Command) async throws -> String {
    let result = try await command(
      "-e",
      """
      local lines = {}
      for _, api in ipairs(apig.apis {}) do
        local history = apig.history { api_id = api.id }
        lines[#lines + 1] = { api.name, api.publish_id, history.total }
      end
      return lines
      """)
    #expect(result.status == 0, "\(result.messages)")
    return result.output
  }

  // MARK: - Gateways that misbehave

  /// Runs one call against a server, with a token and no local gateway in play.
  private func run(
    _ code: String = "apig.publish { api_id = ('a'):rep(32), env_id = 'DEFAULT_ENVIRONMENT_RELEASE_ID' }",
    endpoint: String, options: [String] = [], variables: [String: String] = [:]
  ) async throws -> Command.Result {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables = variables.merging(["APIG_TOKEN": "secret-token"]) { given, _ in given }
      try command.configure(endpoint: endpoint)
      let result = try await command.run(options + ["-e", code])
      #expect(!result.messages.contains("secret-token"))
      return result
    }
  }

  private static let read = "apig.envs {}"

  @Test func anUnreachableEndpoint() async throws {
    try await withClosedPort { url in
      let result = try await run(endpoint: url)
      #expect(result.status == 69)
      #expect(result.messages.contains("the gateway cannot be reached, connection refused"))
      #expect(result.messages.contains(url))
    }
  }

  @Test func aHostThatIsNotKnown() async throws {
    let result = try await run(endpoint: "http://gateway.invalid")
    #expect(result.status == 69)
    // Where no name server answers, the time for a connection ends first.
    #expect(
      result.messages.contains("cannot be reached") || result.messages.contains("no connection came about"),
      "\(result.messages)")
    #expect(result.messages.contains("gateway.invalid"))
  }

  @Test func aWrongToken() async throws {
    try await withTemporaryFolder { folder in
      let result = try await withLocalServer(in: folder) { url in
        try await self.run(Self.read, endpoint: url)
      }
      #expect(result.status == 77)
      #expect(result.messages.contains("APIG.1002"))
      #expect(result.messages.contains("get a new token (APIG_TOKEN)"))
    }
  }

  @Test func noCredentialAtAll() async throws {
    let result = try await run(endpoint: "http://127.0.0.1:9", variables: ["APIG_TOKEN": ""])
    #expect(result.status == 77)
    #expect(result.messages.contains("there is no credential for gateway 'test'"))
  }

  @Test func anAnswerThatIsNoJSON() async throws {
    let page = "<html>Welcome</html>"
    let result = try await withScriptedServer(answer: { _ in .json(200, page) }) {
      try await self.run(Self.read, endpoint: $0.url)
    }
    #expect(result.status == 69)
    #expect(result.messages.contains("the answer cannot be read: unexpected character at byte 0"))
    #expect(result.messages.contains("<html>Welcome</html>"))
  }

  @Test func anErrorThatIsNoErrorDocument() async throws {
    let result = try await withScriptedServer(answer: { _ in .json(502, "<html>Bad Gateway</html>") }) {
      try await self.run(Self.read, endpoint: $0.url)
    }
    #expect(result.status == 69)
    #expect(result.messages.contains("HTTP 502 with a body that is no error document"))
  }

  static let cutOff = Array(
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"envs\": [".utf8)

  @Test func aBodyThatIsCutOffInARead() async throws {
    let result = try await withScriptedServer(answer: { _ in .bytesThenClose(Self.cutOff) }) {
      try await self.run(Self.read, endpoint: $0.url)
    }
    #expect(result.status == 69)
    #expect(result.messages.contains("the answer was cut off"), "\(result.messages)")
  }

  private static let lost = [ScriptedAnswer.bytesThenClose(cutOff), .close, .json(504, "<html>Gateway Timeout</html>")]

  @Test(arguments: lost)
  func aLostAnswerOfAWriteIsAnUnknownOutcomeWhileTheGatewayCannotBeAsked(_ answer: ScriptedAnswer) async throws {
    let (result, requests) = try await withScriptedServer(
      answer: { $0.method == "POST" ? answer : .json(403, "{\"error_code\":\"APIG.1005\",\"error_msg\":\"no\"}") }
    ) { server in (try await self.run(endpoint: server.url), server.requests) }
    #expect(result.status == 3)
    #expect(result.messages.contains("it may or may not have happened"), "\(result.messages)")
    #expect(result.messages.contains("look at the history before you send it again"))
    #expect(requests.filter { $0.method == "POST" }.count == 1)
  }

  @Test(arguments: lost)
  func aLostAnswerOfAWriteThatWasNotAppliedIsSentAgain(_ answer: ScriptedAnswer) async throws {
    let (result, requests) = try await withScriptedServer(
      answer: { $0.method == "POST" ? answer : .json(200, DocumentedExamplesTests.example("history.json")) }
    ) { server in (try await self.run(endpoint: server.url, options: ["--retries", "2"]), server.requests) }
    #expect(result.status == 69)
    #expect(result.messages.contains("the gateway was asked: it was not applied"), "\(result.messages)")
    #expect(requests.filter { $0.method == "POST" }.count == 2)
  }

  @Test(arguments: lost)
  func aLostAnswerOfAWriteThatWasAppliedIsFoundInTheHistory(_ answer: ScriptedAnswer) async throws {
    let remark = Mutex("")
    let (result, requests) = try await withScriptedServer(
      answer: { request in
        guard request.method == "POST" else {
          let version =
            "{\"version_id\":\"v7\",\"env_id\":\"DEFAULT_ENVIRONMENT_RELEASE_ID\",\"status\":1,"
            + "\"remark\":\"\(remark.withLock { $0 })\"}"
          return .json(200, "{\"total\":1,\"size\":1,\"api_versions\":[\(version)]}")
        }
        let sent = (try? Document(json: request.body))?["remark"]?.stringValue
        remark.withLock { $0 = sent ?? "" }
        return answer
      }
    ) { server in (try await self.run(endpoint: server.url), server.requests) }
    #expect(result.status == 0, "\(result.messages)")
    #expect(result.messages.contains("1 published"), "\(result.messages)")
    #expect(requests.filter { $0.method == "POST" }.count == 1)
  }

  @Test func anAnswerThatNeverComes() async throws {
    let result = try await withScriptedServer(answer: { _ in .silence }) {
      try await self.run(Self.read, endpoint: $0.url, options: ["--timeout", "300ms"])
    }
    #expect(result.status == 69)
    #expect(result.messages.contains("no whole answer came within 0.3 seconds"))
    #expect(result.messages.contains("--timeout"))
  }

  @Test func aRedirectIsNotFollowed() async throws {
    let (result, strayed) = try await withScriptedServer(answer: { _ in .json(200, "{}") }) { other in
      let answer = "HTTP/1.1 302 Found\r\nLocation: \(other.url)/v2\r\nContent-Length: 0\r\n\r\n"
      return try await withScriptedServer(answer: { _ in .bytesThenClose(Array(answer.utf8)) }) { server in
        (try await self.run(Self.read, endpoint: server.url), other.requests.count)
      }
    }
    #expect(result.status == 69)
    #expect(result.messages.contains("which is not followed"), "\(result.messages)")
    #expect(strayed == 0)
  }

  @Test func whatSpeaksNoHTTP() async throws {
    let result = try await withScriptedServer(answer: { _ in .bytesThenClose(Array("SSH-2.0-OpenSSH\r\n".utf8)) }) {
      try await self.run(Self.read, endpoint: $0.url)
    }
    #expect(result.status == 69)
    #expect(result.messages.contains("speaks no HTTP"), "\(result.messages)")
  }

  @Test func aCertificateThatDoesNotVerify() async throws {
    try await withTemporaryFolder { folder in
      let certificate = try await TestCertificate.make(in: folder)
      let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { _ in
        .json(200, "{\"total\":0,\"size\":0,\"envs\":[]}")
      }
      let (refused, requests) = try await withScriptedServer(certificate: certificate, answer: answer) { server in
        (try await self.run(Self.read, endpoint: server.url), server.requests.count)
      }
      #expect(refused.status == 69)
      #expect(refused.messages.contains("certificate does not verify"), "\(refused.messages)")
      #expect(refused.messages.contains("SSL_CERT_FILE"))
      #expect(requests == 0, "nothing is sent before the certificate verifies")

      let trusted = try await withScriptedServer(certificate: certificate, answer: answer) {
        try await self.run(Self.read, endpoint: $0.url, variables: ["SSL_CERT_FILE": certificate.chain])
      }
      #expect(trusted.status == 0, "\(trusted.messages)")
    }
  }
}

import Foundation
import GatewayTestSupport
import Testing

/// Whatever becomes of a run, nothing that it writes holds a secret.
@Suite(.timeLimit(.minutes(5))) struct SecretTraceTests {
  private static let secret = "hush-hush-77"

  /// Sends the secret in every way there is, is sent it back, shows all of that, and fails with it.
  private static func script(_ url: String, fails: String) -> String {
    """
    local p = apig.params { token = { type = "string", secret = true } }
    local key = apig.secret "deploy-key"
    apig.publish { group = "payments", env = "RELEASE", remark = "weekly" }
    local function send(method)
      return apig.http[method] {
        url = "\(url)/hook", headers = { Authorization = "Bearer " .. key, ["X-Key"] = p.token }, json = { key = key, token = p.token } }
    end
    local answer = send "post"
    print(answer.body, answer.headers["x-echo"], answer.status, key, tostring(key), #tostring(key), p.token, apig.run.params.token)
    apig.log.warn("%s %s %s", answer.body, tostring(key), tostring(p.token))
    apig.report.table({ { body = answer.body } }, { "body" })
    apig.report.value { body = answer.body, key = key, token = p.token, given = apig.run.params }
    apig.step("step " .. answer.body, function() send "get" end)
    local probed, problem = pcall(apig.health.http, {
      url = "\(url)/health", samples = 1, headers = { Authorization = "Bearer " .. key }, body = "fine" })
    print(probed, problem)
    apig.with_rollback(function()
      apig.offline { api = "pay-create", env = "RELEASE" }
      \(fails)
    end)
    """
  }

  @Test(
    arguments: [
      "error('failed with ' .. answer.body .. tostring(p.token))",
      "error { message = answer.body, key = key, token = p.token }",
      "error(problem)", "apig.publish { api = answer.body, env = 'RELEASE' }",
    ], [[], ["--isolate"]])
  func noByteOfAFailingRunHoldsIt(_ fails: String, _ more: [String]) async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { request in
        .writing { write in
          let body = "you sent \(request.header("authorization") ?? "") \(request.bodyText)"
          try await write(
            Array(
              """
              HTTP/1.1 403 Forbidden\r\nX-Echo: \(request.header("x-key") ?? "")\r\nContent-Length: \
              \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)
              """.utf8))
        }
      }) { server in
        var command = Command(in: folder)
        command.variables["APIG_SECRET_DEPLOY_KEY"] = Self.secret
        try command.write(Self.script(server.url, fails: fails), to: "release.lua")
        let flags = [
          "--allow", "http:\(server.url)", "--allow", "secret:deploy-key", "-vv", "--record", "cassette.ndjson",
          "--report", "junit=report.xml", "--report", "markdown=report.md",
        ]
        let run = try await command.run(flags + more + ["release.lua", "--token", "hush-hush-78"])
        #expect(run.status == 3 || run.status == 4, "\(run.messages)")
        // The servers got it, and sent it back.
        #expect(server.requests.contains { $0.header("authorization") == "Bearer \(Self.secret)" })
        #expect(run.output.contains("you sent Bearer ‹secret deploy-key›"), "\(run.output)")
        #expect(!(run.output + run.messages).contains("hush-hush"), "\(run.output) \(run.messages)")
        for words in [["journal", "show", "last"], ["journal", "export", "last"], ["status"]] {
          let told = try await command.run(words)
          #expect(!(told.output + told.messages).contains("hush-hush"), "\(words)")
        }
        let found = try search(folder, for: "hush-hush")
        #expect(found.holding.isEmpty && found.count >= 4, "\(found)")
      }
    }
  }

  /// In JSON, in a URL, in a form, in base64.
  @Test func whatAServerMakesOfASecretIsMaskedToo() async throws {
    let secret = "aB3/dE5+fG7= \"9\""
    let forms = [
      secret, #"aB3/dE5+fG7= \"9\""#, #"aB3\/dE5+fG7= \"9\""#, "aB3%2FdE5%2BfG7%3D%20%229%22",
      "aB3%2FdE5%2BfG7%3D+%229%22", Data(secret.utf8).base64EncodedString(),
    ]
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, forms.joined(separator: "\n")) }) { server in
        var command = Command(in: folder)
        command.variables["APIG_SECRET_KEY"] = secret
        let run = try await command(
          "--allow", "http:\(server.url)", "--allow", "secret:key", "-vv", "-e",
          """
          local answer = apig.http.post { url = "\(server.url)/hook", headers = { Authorization = apig.secret "key" } }
          print(answer.body)
          """)
        #expect(run.output == String(repeating: "‹secret key›\n", count: forms.count), "\(run.output)\(run.messages)")
        for form in forms {
          #expect(!run.messages.contains(form))
          let found = try search(folder, for: form)
          #expect(found.holding.isEmpty && found.count > 0, "\(found)")
        }
      }
    }
  }
}

import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// The six operations against the examples of the public API reference: what is sent, and what a script gets.
@Suite struct DocumentedExamplesTests {
  static func example(_ name: String) -> String {
    let url = Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Examples")
    return url.flatMap { try? String(contentsOf: $0, encoding: .utf8) } ?? ""
  }

  /// Answers as the reference's examples do.
  static let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
    switch (request.method, request.path.split(separator: "/").dropFirst(5).joined(separator: "/")) {
    case ("POST", "apis/action"): .json(201, example("publish.json"))
    case ("POST", "apis/publish"): .json(200, example("batch.json"))
    case ("PUT", "apis/publish/5f918d104dc84480a75166ba99efff21"): .json(200, example("switch_version.json"))
    case ("GET", "apis/publish/5f918d104dc84480a75166ba99efff21"): .json(200, example("history.json"))
    case ("POST", "openapi/export"): .json(200, example("export.json"))
    default: .json(404, "{\"error_code\":\"APIG.3002\",\"error_msg\":\"not in the examples: \(request.target)\"}")
    }
  }

  @Test(arguments: ["apigw", "apic"])
  func theSixOperationsAreTheDocumentedRequests(product: String) async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: Self.answer) { server in
        var command = Command(in: folder)
        command.variables["APIG_TOKEN"] = "documented-token"
        try command.configure(endpoint: server.url, product: product)
        try command.write(Self.example("six.lua"), to: "six.lua")
        let run = try await command("--output", "json", "six.lua")
        // The example's batch has a failure in it, and the script was told to go on.
        #expect(run.status == 3, "\(run.messages)")

        let base = "/v2/73d69ae0cfcf460190522d06b60f05ad/\(product)/instances/eddc4d25480b4cd6b512f270a1b8b341"
        let api = "5f918d104dc84480a75166ba99efff21"
        let env = "DEFAULT_ENVIRONMENT_RELEASE_ID"
        func sent(_ method: String, _ path: String, _ body: Document? = nil) throws -> ReceivedRequest {
          try #require(
            server.requests.first { request in
              request.method == method && request.path == base + path
                && (body == nil || Self.unmarked(request) == body)
            }, "\(method) \(path) \(body?.jsonText ?? "")")
        }
        let publish = try sent(
          "POST", "/apis/action", ["action": "online", "api_id": .string(api), "env_id": .string(env)])
        #expect(publish.query.isEmpty)
        _ = try sent(
          "POST", "/apis/action",
          ["action": "offline", "api_id": .string(api), "env_id": .string(env), "remark": "retired"])
        let batch = try sent(
          "POST", "/apis/publish",
          [
            "apis": ["3a955b791bd24b1c9cd94c745f8d1aad", "abd9c4b2ff974888b0ba79be7e6b2762"], "env_id": .string(env),
            "remark": "Publish to the production environment",
          ])
        #expect(batch.query == "action=online")
        _ = try sent("PUT", "/apis/publish/\(api)", ["version_id": "ee1a5a38d3d3493abf1dc4ed6cacfa0b"])
        let history = try #require(
          server.requests.first { $0.method == "GET" && $0.query.contains("limit=20") }, "the script's own history call"
        )
        #expect(history.path == base + "/apis/publish/\(api)")
        #expect(history.query == "env_id=\(env)&offset=0&limit=20")
        #expect(history.body.isEmpty)
        let export = try sent(
          "POST", "/openapi/export",
          [
            "group_id": "c77f5e81d9cb4424bf704ef2b0ac7600", "env_id": .string(env), "define": "all", "version": "1.0",
          ])
        #expect(export.query.isEmpty)
        for request in server.requests {
          #expect(request.header("X-Auth-Token") == "documented-token")
          #expect(request.header("Host") == server.url.replacing("http://", with: ""))
          let contentType = request.body.isEmpty ? "application/json" : "application/json;charset=UTF-8"
          #expect(request.header("Content-Type") == contentType)
        }
        try expectFields(of: Document(json: run.output))
      }
    }
  }

  /// The body without the run's mark at the end of the remark of what is published.
  private static func unmarked(_ request: ReceivedRequest) -> Document? {
    guard let body = try? Document(json: request.body), case .object(var members) = body else { return nil }
    let mark = /(^| )al:\w+:1$/
    guard let remark = members["remark"]?.stringValue, let found = remark.firstMatch(of: mark) else { return body }
    let rest = String(remark[..<found.range.lowerBound])
    members["remark"] = rest.isEmpty ? nil : .string(rest)
    return .object(members)
  }

  /// The script got every field of the examples.
  private func expectFields(of document: Document) throws {
    let value = try #require(document["value"])
    let publish = try Document(json: Self.example("publish.json"))
    let batch = try Document(json: Self.example("batch.json"))
    let history = try Document(json: Self.example("history.json"))
    #expect(value["publish"] == publish)
    #expect(value["offline"] == publish)
    #expect(value["success"] == batch["success"]?.arrayValue?[0])
    #expect(value["failure"] == batch["failure"]?.arrayValue?[0])
    #expect(value["switch_version"] == (try Document(json: Self.example("switch_version.json"))))
    #expect(value["version"] == history["api_versions"]?.arrayValue?[0])
    #expect(value["total"] == 1)
    #expect(value["effective"] == "20200803093600")
    #expect(value["export"]?.stringValue == Self.example("export.json"))
  }

  @Test func moreAPIsThanOneRequestTakesAreSplitAndALaterFailureKeepsTheEarlierResult() async throws {
    try await withTemporaryFolder { folder in
      let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
        guard request.method == "POST" else { return Self.answer(request) }
        let apis = (try? Document(json: request.body))?["apis"]?.arrayValue ?? []
        guard apis.count == 1000 else {
          return .json(500, "{\"error_code\":\"APIG.9999\",\"error_msg\":\"System error\"}")
        }
        let failure: Document = ["api_id": apis[0], "error_code": "APIG.3002", "error_msg": "gone"]
        let success = apis.dropFirst().map { Document.object(["api_id": $0, "version_id": "v"]) }
        return .json(200, Document.object(["success": .array(success), "failure": [failure]]).jsonText)
      }
      try await withScriptedServer(answer: answer) { server in
        var command = Command(in: folder)
        command.variables["APIG_TOKEN"] = "t"
        try command.configure(endpoint: server.url)
        let run = try await command(
          "--retries", "1", "-e",
          """
          local ids = {}
          for i = 1, 1001 do ids[i] = ("%032x"):format(i) end
          local _, err = apig.try.publish { apis = ids, env = "RELEASE" }
          return { err.code, #err.result.success, #err.result.failure }
          """)
        #expect(run.output == "[\"APIG.9999\",999,1]\n", "\(run.messages)")
        #expect(run.status == 3)
        #expect(server.requests.filter { $0.method == "POST" }.count == 2)
      }
    }
  }

  @Test func anAccessKeySignsEveryRequest() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: Self.answer) { server in
        var command = Command(in: folder)
        command.variables["HUAWEICLOUD_SDK_AK"] = "AKEXAMPLE"
        command.variables["HUAWEICLOUD_SDK_SK"] = "the-secret-itself"
        command.variables["HUAWEICLOUD_SDK_SECURITY_TOKEN"] = "temporary"
        try command.configure(endpoint: server.url)
        _ = try await command("-e", "apig.history { api_id = '5f918d104dc84480a75166ba99efff21' }")
        let request = try #require(server.requests.first)
        let authorization = try #require(request.header("Authorization"))
        #expect(authorization.hasPrefix("SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=content-type;host;"))
        #expect(request.header("X-Security-Token") == "temporary")
        #expect(request.header("X-Project-Id") == "73d69ae0cfcf460190522d06b60f05ad")
        #expect(request.header("X-Auth-Token") == nil)
        #expect(!"\(request)".contains("the-secret-itself"))
      }
    }
  }

  @Test(arguments: [
    (400, "APIG.2011", "invalid", 1), (401, "APIG.1002", "unauthenticated", 77), (403, "APIG.1005", "denied", 1),
    (404, "APIG.3002", "not_found", 1), (404, "APIG.3030", "not_found", 1), (409, "APIG.3718", "conflict", 1),
    (429, "APIG.0308", "throttled", 1), (500, "APIG.9999", "unavailable", 69),
  ])
  func everyDocumentedErrorBodyIsATypedError(status: Int, code: String, kind: String, exit: Int32) async throws {
    try await withTemporaryFolder { folder in
      let body = "{\"error_code\":\"\(code)\",\"error_msg\":\"what the gateway says\"}"
      try await withScriptedServer(answer: { _ in .json(status, body) }) { server in
        var command = Command(in: folder)
        command.variables["APIG_TOKEN"] = "t"
        try command.configure(endpoint: server.url)
        let call = "apig.history { api_id = '5f918d104dc84480a75166ba99efff21' }"
        let caught = try await command(
          "--retries", "1", "-e",
          "local ok, e = pcall(function() \(call) end) return { e.kind, e.code, e.status, e.message, e.request_id }")
        #expect(caught.output == "[\"\(kind)\",\"\(code)\",\(status),\"what the gateway says\",\"scripted-1\"]\n")
        let uncaught = try await command("--retries", "1", "-e", call)
        #expect(uncaught.status == exit)
        #expect(uncaught.messages.contains(code) && uncaught.messages.contains("-e:1"))
      }
    }
  }
}

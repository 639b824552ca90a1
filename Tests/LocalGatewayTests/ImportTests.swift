import GatewayAPI
import LocalGateway
import Testing

/// Imports of documents that are wrong, hostile or unusual: a documented answer each, never a 500.
@Suite(.timeLimit(.minutes(10))) struct ImportTests {
  private static let base = LocalGatewayHarness.base

  private static func document(title: String = "imported group", paths: String) -> String {
    "{\"swagger\":\"2.0\",\"info\":{\"title\":\"\(title)\",\"version\":\"1\"},\"paths\":{\(paths)}}"
  }

  private static func operation(_ path: String, _ name: String) -> String {
    "\"\(path)\":{\"get\":{\"operationId\":\"\(name)\",\"responses\":{}}}"
  }

  @Test func aNameThatAnotherAPIOfTheGroupHasIsReported() async throws {
    try await LocalGatewayHarness.with { gateway in
      let first = try await gateway.importing(
        Self.document(paths: Self.operation("/a", "api-a") + "," + Self.operation("/b", "api-b")))
      let group = try #require(first.document["group_id"]?.stringValue)
      let again = try await gateway.importing(
        Self.document(paths: Self.operation("/a", "api-b") + "," + Self.operation("/c", "api-c")), into: group)
      #expect(again.status == 200, "\(again.document.jsonText)")
      #expect(again.document["failure"]?.arrayValue?.compactMap { $0["error_code"]?.stringValue } == ["APIG.3202"])
      #expect(again.document["success"]?.arrayValue?.compactMap { $0["path"]?.stringValue } == ["/c"])
    }
  }

  @Test func aLongTitleTwiceMakesTwoGroups() async throws {
    try await LocalGatewayHarness.with { gateway in
      let document = Self.document(
        title: String(repeating: "t", count: 300), paths: Self.operation("/a", "api-a"))
      let answers = [try await gateway.importing(document), try await gateway.importing(document)]
      #expect(answers.map(\.status) == [200, 200])
      #expect(Set(answers.compactMap { $0.document["group_id"]?.stringValue }).count == 2)
    }
  }

  @Test func aliasesThatMultiplyAreRefused() async throws {
    var lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    for level in 1...9 {
      lines.append("a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ","))]")
    }
    lines += ["swagger: \"2.0\"", "paths: {}"]
    let document = lines.joined(separator: "\n")
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.importing(document)
      #expect(answer.status == 400 && answer.code == "APIG.3600")
    }
  }

  /// Yams compares keys with all that they hold.
  @Test(arguments: ["? *a9\n: 1", "*a9 : 1", "? [*a9]\n: 1", "x: {[*a9]: 1}", "? {x: *a9}\n: 1", "? ? *a9"])
  func keysThatMultiplyAreRefusedBeforeTheyAreCompared(_ last: String) async throws {
    var lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    for level in 1...9 {
      lines.append("a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ","))]")
    }
    let document = (lines + [last]).joined(separator: "\n")
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.importing(document)
      #expect(answer.status == 400 && answer.code == "APIG.3600")
      let message = answer.document["error_msg"]?.stringValue ?? ""
      #expect(message.contains("a key must be text") && message.contains("in line 11"), "\(message)")
    }
    let error = #expect(throws: SeedError.self) {
      try Seed(yaml: document, file: "seed.yaml", now: Timestamp(seconds: 0))
    }
    #expect(error?.place.hasPrefix("seed.yaml:11:") == true)
  }

  @Test func anExampleThatAllShareIsNotCopiedToAll() async throws {
    let large = String(repeating: "x", count: 100_000)
    let paths = (1...50).map {
      "/large-\($0): {get: {responses: {'200': {$ref: '#/responses/large'}}}}, "
        + "/parts-\($0): {get: {responses: {'200': {schema: {$ref: '#/definitions/parts'}}}}}"
    }
    let document = """
      swagger: '2.0'
      responses: {large: {examples: {application/json: \(large)}}}
      definitions:
        parts: {properties: {a: {$ref: '#/definitions/part'}, b: {$ref: '#/definitions/part'}}}
        part: {example: \(large.prefix(40_000))}
      paths: {/small: {get: {responses: {'200': {examples: {application/json: [1]}}}}}, \(paths.joined(separator: ", "))}
      """
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.importing(document)
      #expect(answer.document["success"]?.arrayValue?.count == 101, "\(answer.document.jsonText)")
      let group = try #require(answer.document["group_id"]?.stringValue)
      let apis = try await gateway.definitions(of: group)
      let answers = apis.mapValues { $0["mock_info"]?["result_content"]?.stringValue }
      #expect(answers["GET_small"] == "[1]")
      #expect(answers["GET_large_7"] == "")
      #expect(answers["GET_parts_7"] == "")
    }
  }

  @Test func tooManyParametersAreThePathsMatter() async throws {
    func parameters(_ count: Int) -> String {
      (1...count).map { "{name: p\($0), in: query, type: string}" }.joined(separator: ",")
    }
    let document = """
      swagger: '2.0'
      x-shared: {parameters: [\(parameters(201))], get: {}}
      paths:
        /many: {$ref: '#/x-shared'}
        /own: {get: {parameters: [\(parameters(201))]}}
        /enough: {get: {parameters: [\(parameters(200))]}}
      """
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.importing(document).document
      #expect(answer["success"]?.arrayValue?.map { $0["path"] } == ["/enough"])
      let failures = answer["failure"]?.arrayValue ?? []
      #expect(failures.map { $0["path"] } == ["/many", "/own"])
      for failure in failures { #expect(failure["error_msg"]?.stringValue?.contains("201 parameters") == true) }
    }
  }

  @Test func tooManyOperationsAreRefusedAsAWhole() async throws {
    let shared = (0...4000).map { "\"/\($0)\":{\"$ref\":\"#/info\"}" }.joined(separator: ",")
    let methods = (0...2000).map { "\"/\($0)\":{\"get\":{},\"put\":{}}" }.joined(separator: ",")
    try await LocalGatewayHarness.with { gateway in
      let groups = try await gateway.send("GET", Self.base + "/api-groups").document["total"]
      for paths in [shared, methods] {
        let answer = try await gateway.importing(Self.document(paths: paths))
        #expect(answer.status == 400 && answer.code == "APIG.3602")
        #expect(answer.document["error_msg"]?.stringValue?.contains("more than 4000 operations") == true)
      }
      #expect(try await gateway.send("GET", Self.base + "/api-groups").document["total"] == groups)
    }
  }

  @Test func definitionsOfAnImportHaveABound() async throws {
    let shared = String(repeating: "x", count: 1 << 20)
    let paths = (100...199).map { "/\($0): {$ref: '#/x-shared'}" }.joined(separator: ", ")
    let document = """
      swagger: '2.0'
      x-shared: {get: {x-apigateway-result-normal-sample: \(shared)}}
      paths: {\(paths)}
      """
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.importing(document).document
      #expect(answer["success"]?.arrayValue?.count == 64)
      let failures = answer["failure"]?.arrayValue ?? []
      #expect(failures.count == 36)
      #expect(failures.first?["error_msg"]?.stringValue?.contains("64 MiB") == true)
    }
  }

  /// OpenAPI asks for YAML 1.2, whose numbers are JSON's.
  @Test func numbersAreThoseOfYAML12() async throws {
    let document = """
      swagger: '2.0'
      paths:
        /numbers:
          get:
            operationId: numbers
            responses:
              '200':
                examples:
                  application/json: [010, 1_000, 0b11, 1_0.5, 0, -7, 0x1F, 0o17, 1.5, 12:30]
      """
    try await LocalGatewayHarness.with { gateway in
      let group = try await gateway.importing(document).document["group_id"]?.stringValue ?? ""
      let api = try await gateway.definitions(of: group)["numbers"]
      #expect(
        api?["mock_info"]?["result_content"]
          == "[\"010\",\"1_000\",\"0b11\",\"1_0.5\",0,-7,31,15,1.5,\"12:30\"]")
    }
  }

  @Test(
    arguments: [
      String(repeating: "[", count: 50_000), String(repeating: "{\"a\":", count: 50_000),
      String(repeating: "- ", count: 50_000), String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
      "swagger: '2.0'\npaths: {}\nx: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
    ])
  func aDeepDocumentIsRefused(_ document: String) async throws {
    try await LocalGatewayHarness.with { gateway in
      let answer = try await gateway.importing(document)
      #expect(answer.status == 400 && answer.code == "APIG.3600")
      #expect(try await gateway.send("GET", Self.base + "/envs").status == 200)
    }
  }

  @Test(arguments: ["2.0", "3.0"])
  func parametersSurviveExportAndImport(_ version: String) async throws {
    try await LocalGatewayHarness.with { gateway in
      let made = try await gateway.send("POST", Self.base + "/api-groups", "{\"name\":\"with parameters\"}")
      let group = try #require(made.document["id"]?.stringValue)
      let api = try await gateway.send(
        "POST", Self.base + "/apis",
        """
        {"name":"find-one","type":1,"req_protocol":"HTTPS","req_method":"GET","req_uri":"/find/{id}","auth_type":"NONE",
        "backend_type":"MOCK","group_id":"\(group)","mock_info":{"result_content":"ok"},"req_params":[
        {"name":"id","location":"PATH","type":"STRING","required":1},
        {"name":"count","location":"QUERY","type":"NUMBER","required":2,"remark":"how many"},
        {"name":"X-Trace","location":"HEADER","type":"STRING","required":1}]}
        """)
      #expect(api.status == 201, "\(api.document.jsonText)")
      let ask: Document = [
        "group_id": .string(group), "env_id": .string(GatewayEnvironment.releaseID), "define": "dev", "version": "1",
      ]
      let wanted = ask.jsonText
      let export = Self.base + "/openapi/export?oas_version=\(version)"
      let exported = try await gateway.send("POST", export, wanted)
      let report = try await gateway.importing(String(decoding: exported.body, as: UTF8.self))
      let copy = try #require(report.document["group_id"]?.stringValue)
      let id = try #require(report.document["success"]?.arrayValue?.first?["id"]?.stringValue)
      let again = try await gateway.send("POST", export, wanted.replacing(group, with: copy))
      #expect(again.document["paths"] == exported.document["paths"])
      let parameters = try await gateway.send("GET", Self.base + "/apis/\(id)").document["req_params"]?.arrayValue ?? []
      #expect(
        parameters.map { "\($0["name"]?.stringValue ?? "") \($0["location"]?.stringValue ?? "")" }
          == ["id PATH", "count QUERY", "X-Trace HEADER"])
      #expect(parameters.map { $0["type"]?.stringValue } == ["STRING", "NUMBER", "STRING"])
      #expect(parameters.map { $0["required"]?.integerValue } == [1, 2, 1])
    }
  }
}

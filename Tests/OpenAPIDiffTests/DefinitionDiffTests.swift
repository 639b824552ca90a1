import GatewayAPI
import OpenAPIDiff
import Testing

@Suite struct DefinitionDiffTests {
  // MARK: - Operations

  @Test func operationsComeAndGo() throws {
    let old = swagger(#"{"operationId": "pay-status", "x-apigateway-version-no": "20261118"}"#)
    let new = swagger(#"{"operationId": "pay-create", "x-apigateway-version-no": "20261120"}"#, method: "post")
    let diff = try difference(old, new)
    #expect(
      diff.text == """
        - GET /payments/{id} (pay-status)  20261118 → -  BREAKING
            ! operation removed
        + POST /payments/{id} (pay-create)  - → 20261120
              operation added
        1 added, 1 removed; 1 breaking
        """)
    #expect(diff.breakingCount == 1)
  }

  @Test func whatCallersDoNotSeeIsNoDifference() throws {
    let old = swagger(
      #"{"operationId": "a", "responses": {}, "x-apigateway-version-no": "1"}"#, more: #""schemes": ["https"],"#)
    let new = """
      {"paths": {"/payments/{id}": {"get": {"x-apigateway-version-no": "2", "responses": {}, "operationId": "a"}}},
       "host": "b.example", "info": {"version": "2026", "title": "payments"}, "swagger": "2.0"}
      """
    let diff = try difference(old, new)
    #expect(diff.changes.isEmpty)
    #expect(diff.text == "no differences")
  }

  @Test func aPathsParameterMayBeNamedOtherwise() throws {
    let parameter = { (name: String) in
      #"{"parameters": [{"name": "\#(name)", "in": "path", "required": true, "type": "string"}]}"#
    }
    let diff = try difference(
      swagger(parameter("id")), swagger(parameter("payment"), path: "/payments/{payment}"))
    #expect(diff.findings == ["path parameter id is now named payment"])
    let greedy = try difference(swagger(parameter("id")), swagger(parameter("id"), path: "/payments/{+id}"))
    #expect(greedy.breakingCount == 1 && greedy.changes.count == 2)
  }

  @Test func aMethodMayGiveWayToAllButNotTheOtherWayRound() throws {
    let one = swagger("{}")
    let all = swagger("{}", method: "x-apigateway-any-method")
    #expect(try difference(one, all).findings == ["method GET → ANY"])
    #expect(try difference(all, one).findings == ["! method ANY → GET"])
  }

  @Test func bothKindsOfDocumentsCompare() throws {
    let two = """
      {"swagger": "2.0", "basePath": "/v1", "produces": ["application/json"], "consumes": ["application/json"],
       "definitions": {"Payment": {"type": "object", "properties": {"amount": {"type": "integer"}}}},
       "paths": {"/payments": {"post": {"parameters": [
         {"name": "limit", "in": "query", "type": "integer", "maximum": 100, "description": "most"},
         {"name": "body", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Payment"}}],
         "responses": {"200": {"description": "ok", "schema": {"$ref": "#/definitions/Payment"}}}}}}}
      """
    let three = """
      {"openapi": "3.0.1", "servers": [{"url": "https://api.example.com/v1"}],
       "components": {"schemas": {"P": {"type": "object", "properties": {"amount": {"type": "integer"}}}}},
       "paths": {"/payments": {"post": {"parameters": [
         {"name": "limit", "in": "query", "description": "most", "schema": {"type": "integer", "maximum": 100}}],
         "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/P"}}}},
         "responses": {"200": {"description": "ok",
           "content": {"application/json": {"schema": {"$ref": "#/components/schemas/P"}}}}}}}}}
      """
    #expect(try difference(two, three).changes.isEmpty)
    let narrower = three.replacing("100", with: "50").replacing("https://api.example.com/v1", with: "/v1")
    #expect(try difference(two, narrower).findings == ["! query parameter limit: maximum 100 → 50"])
  }

  // MARK: - Requests

  /// What a caller sends that knows only the left side must still be accepted.
  @Test(arguments: [
    // A caller that never heard of the parameter is refused.
    (#"[]"#, #"[{"name": "q", "in": "query", "required": true, "schema": {}}]"#, "! query parameter q added, required"),
    (#"[]"#, #"[{"name": "q", "in": "query", "schema": {}}]"#, "query parameter q added"),
    (
      #"[{"name": "q", "in": "query", "schema": {}}]"#,
      #"[{"name": "q", "in": "query", "required": true, "schema": {}}]"#,
      "! query parameter q is required now"
    ),
    // One that is no longer read does no harm.
    (#"[{"name": "q", "in": "query", "schema": {}}]"#, #"[]"#, "query parameter q removed"),
    // Header names have no case.
    (
      #"[{"name": "X-A", "in": "header", "schema": {}}]"#, #"[{"name": "x-a", "in": "header", "schema": {}}]"#,
      "header parameter X-A is now named x-a"
    ),
    (
      #"[{"name": "q", "in": "query", "schema": {"type": "integer"}}]"#,
      #"[{"name": "q", "in": "query", "schema": {"type": "number"}}]"#, "query parameter q: type integer → number"
    ),
    (
      #"[{"name": "q", "in": "query", "schema": {"type": "number"}}]"#,
      #"[{"name": "q", "in": "query", "schema": {"type": "integer"}}]"#, "! query parameter q: type number → integer"
    ),
    (
      #"[{"name": "q", "in": "query", "schema": {"enum": ["a", "b"]}}]"#,
      #"[{"name": "q", "in": "query", "schema": {"enum": ["a"]}}]"#, "! query parameter q: value \"b\" removed"
    ),
    (
      #"[{"name": "q", "in": "query", "schema": {"enum": ["a"]}}]"#,
      #"[{"name": "q", "in": "query", "schema": {"enum": ["a", "b"]}}]"#, "query parameter q: value \"b\" added"
    ),
    (
      #"[{"name": "q", "in": "query", "explode": true, "schema": {}}]"#,
      #"[{"name": "q", "in": "query", "schema": {}}]"#,
      "! query parameter q: explode true → none"
    ),
  ])
  func parameters(left: String, right: String, finding: String) throws {
    let diff = try difference(openAPI(parameters: left), openAPI(parameters: right))
    #expect(diff.findings == [finding])
  }

  @Test(arguments: [
    (#"{"type": "string"}"#, #"{"type": "string", "format": "uuid"}"#, "! body: format any → uuid"),
    (
      #"{"type": "integer", "format": "int32"}"#, #"{"type": "integer", "format": "int64"}"#,
      "body: format int32 → int64"
    ),
    (
      #"{"type": "integer", "format": "int64"}"#, #"{"type": "integer", "format": "int32"}"#,
      "! body: format int64 → int32"
    ),
    (#"{"type": "string", "maxLength": 5}"#, #"{"type": "string"}"#, "body: maxLength 5 → none"),
    (#"{"type": "string", "minLength": 1}"#, #"{"type": "string", "minLength": 2}"#, "! body: minLength 1 → 2"),
    (#"{"type": "string"}"#, #"{"type": "string", "pattern": "^a"}"#, "! body: pattern none → \"^a\""),
    (#"{"type": "string"}"#, #"{"type": "string", "nullable": true}"#, "body: type string → null|string"),
    (#"{"type": ["string", "null"]}"#, #"{"type": "string"}"#, "! body: type null|string → string"),
    (#"{"type": "string"}"#, #"{"type": "integer"}"#, "! body: type string → integer"),
    (
      #"{"type": "object"}"#, #"{"type": "object", "properties": {"a": {}}, "required": ["a"]}"#,
      "! body.a: added, required"
    ),
    (#"{"type": "object"}"#, #"{"type": "object", "properties": {"a": {}}}"#, "body.a: added"),
    // A caller cannot send what only the answer carries.
    (
      #"{"type": "object"}"#, #"{"type": "object", "properties": {"a": {"readOnly": true}}, "required": ["a"]}"#,
      "body.a: added"
    ),
    (
      #"{"type": "object", "properties": {"a": {}}}"#,
      #"{"type": "object", "properties": {"a": {}}, "required": ["a"]}"#, "! body.a: is required now"
    ),
    (#"{"type": "object", "properties": {"a": {}}}"#, #"{"type": "object"}"#, "body.a: removed"),
    (
      #"{"type": "object"}"#, #"{"type": "object", "additionalProperties": false}"#,
      "! body: further members are no longer allowed"
    ),
    (
      #"{"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}"#,
      #"{"type": "array", "items": {"type": "string", "enum": ["b"]}}"#, "! body[]: value \"a\" removed"
    ),
    (
      #"{"oneOf": [{"title": "A", "type": "string"}, {"title": "B", "type": "integer"}]}"#,
      #"{"oneOf": [{"title": "A", "type": "string"}]}"#, "! body: oneOf without B"
    ),
    (
      #"{"type": "string", "description": "a"}"#, #"{"type": "string", "description": "b"}"#,
      "body: description \"a\" → \"b\""
    ),
    (
      #"{"allOf": [{"type": "string"}, {"maxLength": 9}]}"#, #"{"type": "string", "maxLength": 8}"#,
      "! body: maxLength 9 → 8"
    ),
    (
      #"{"type": "string"}"#, #"{"type": "string", "minLength": 0}"#, "body: minLength none → 0"
    ),
    (
      #"{"type": "array", "minItems": 0}"#, #"{"type": "array", "minItems": 1}"#, "! body: minItems 0 → 1"
    ),
    (#"{"type": "integer"}"#, #"{"type": "integer", "minimum": 0}"#, "! body: minimum none → 0"),
  ])
  func bodies(left: String, right: String, finding: String) throws {
    #expect(try difference(openAPI(request: left), openAPI(request: right)).findings == [finding])
  }

  /// Whatever order a dictionary gives them in: the schema's own members, then its parts.
  @Test func ownMembersCountMoreThanParts() throws {
    let own = #"{"type": "string", "maxLength": 5, "allOf": [{"maxLength": 9, "format": "a"}, {"format": "b"}]}"#
    let plain = #"{"type": "string", "maxLength": 5, "format": "a"}"#
    #expect(try difference(openAPI(request: own), openAPI(request: plain)).findings.isEmpty)
  }

  @Test func aBodyThatIsAskedForOrRefusedBreaksCallers() throws {
    let (none, some) = (openAPI(), openAPI(request: "{}"))
    #expect(try difference(none, some).findings == ["body added"])
    #expect(try difference(some, none).findings == ["! body removed"])
    let form = some.replacing("application/json", with: "text/plain")
    #expect(
      try difference(some, form).findings == [
        "! body: media type application/json removed", "body: media type text/plain added",
      ])
  }

  // MARK: - Responses

  /// What a reader of the left side relies on must still come.
  @Test(arguments: [
    (
      #"{"type": "object", "properties": {"a": {}}, "required": ["a"]}"#, #"{"type": "object"}"#,
      "! response 200.a: removed"
    ),
    (#"{"type": "object", "properties": {"a": {}}}"#, #"{"type": "object"}"#, "response 200.a: removed"),
    (
      #"{"type": "object", "properties": {"a": {}}, "required": ["a"]}"#,
      #"{"type": "object", "properties": {"a": {}}}"#, "! response 200.a: is no longer required"
    ),
    (
      #"{"type": "object"}"#, #"{"type": "object", "properties": {"a": {}}, "required": ["a"]}"#,
      "response 200.a: added, required"
    ),
    (#"{"type": "integer"}"#, #"{"type": "string"}"#, "! response 200: type integer → string"),
    (#"{"type": "integer"}"#, #"{"type": "number"}"#, "! response 200: type integer → number"),
    (#"{"type": "number"}"#, #"{"type": "integer"}"#, "response 200: type number → integer"),
    (#"{"type": "string"}"#, #"{"type": "string", "nullable": true}"#, "! response 200: type string → null|string"),
    // Readers are to expect values that they do not know.
    (#"{"enum": ["a"]}"#, #"{"enum": ["a", "b"]}"#, "response 200: value \"b\" added"),
    (#"{"type": "string", "maxLength": 5}"#, #"{"type": "string", "maxLength": 9}"#, "! response 200: maxLength 5 → 9"),
  ])
  func responses(left: String, right: String, finding: String) throws {
    #expect(try difference(openAPI(response: left), openAPI(response: right)).findings == [finding])
  }

  @Test(arguments: [
    ("200", "404", ["! response 200 removed", "response 404 added"]),
    ("404", "200", ["response 200 added", "response 404 removed"]),
    ("200", "default", ["response 200 removed", "response default added"]),
    ("201", "2XX", ["response 201 removed", "response 2XX added"]),
    ("default", "200", ["! response default removed", "response 200 added"]),
  ])
  func statuses(left: String, right: String, findings: [String]) throws {
    let document = { (status: String) in swagger(#"{"responses": {"\#(status)": {"description": "x"}}}"#) }
    #expect(try difference(document(left), document(right)).findings == findings)
  }

  // MARK: - Security and the gateway's own

  @Test func askingForMoreCredentialsBreaksCallers() throws {
    let schemes =
      #""securityDefinitions": {"app": {"type": "apiKey", "in": "header", "name": "k"}, "iam": {"type": "basic"}},"#
    let open = swagger("{}", more: schemes)
    let app = swagger(#"{"security": [{"app": []}]}"#, more: schemes)
    let either = swagger(#"{"security": [{"app": []}, {"iam": []}]}"#, more: schemes)
    let both = swagger(#"{"security": [{"app": [], "iam": []}]}"#, more: schemes)
    #expect(try difference(open, app).findings == ["! security none → app"])
    #expect(try difference(app, open).findings == ["security app → none"])
    #expect(try difference(app, either).findings == ["security app → app or iam"])
    #expect(try difference(either, app).findings == ["! security app or iam → app"])
    #expect(try difference(app, both).findings == ["! security app → app and iam"])
    // A scheme is what it is, whatever its name.
    let renamed = app.replacing("app", with: "key")
    #expect(try difference(app, renamed).changes.isEmpty)
  }

  @Test func whatTheGatewayAddsIsJudgedWhereCallersNoticeIt() throws {
    let extensions: [(String, String, Bool)] = [
      (#""x-apigateway-auth-type": "NONE""#, #""x-apigateway-auth-type": "IAM""#, true),
      (#""x-apigateway-auth-type": "IAM""#, #""x-apigateway-auth-type": "NONE""#, false),
      (#""x-apigateway-match-mode": "SWA""#, #""x-apigateway-match-mode": "NORMAL""#, true),
      (#""x-apigateway-request-type": "public""#, #""x-apigateway-request-type": "private""#, true),
      (#""x-apigateway-cors": true"#, #""x-apigateway-cors": false"#, true),
      (#""x-apigateway-backend": {"type": "HTTP"}"#, #""x-apigateway-backend": {"type": "MOCK"}"#, false),
    ]
    for (old, new, isBreaking) in extensions {
      let diff = try difference(swagger("{\(old)}"), swagger("{\(new)}"))
      #expect(diff.changes.count == 1 && diff.changes.first?.isBreaking == isBreaking, "\(diff.text)")
    }
    let limits = try difference(
      swagger("{}", more: #""x-apigateway-ratelimits": {"a": {"max": 5}},"#),
      swagger("{}", more: #""x-apigateway-ratelimits": {"a": {"max": 6}},"#))
    #expect(limits.text == "~ x-apigateway-ratelimits.a.max\n      5 → 6\n1 changed; none breaking")
  }

  // MARK: - Hostile documents

  @Test(.timeLimit(.minutes(5))) func schemasThatContainThemselvesEnd() throws {
    let tree =
      ##"{"Tree": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Tree"}, "name": {"type": "string"}}}}"##
    let reference = ##"{"$ref": "#/components/schemas/Tree"}"##
    let diff = try difference(
      openAPI(request: reference, components: tree),
      openAPI(request: reference, components: tree.replacing("string", with: "integer")))
    #expect(diff.findings == ["! body.name: type string → integer"])
    // What leads nowhere stands for itself.
    let loop = ##"{"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}"##
    let lost = try difference(
      openAPI(request: ##"{"$ref": "#/components/schemas/A"}"##, components: loop), openAPI(request: "{}"))
    #expect(lost.findings == [##"body: $ref "#/components/schemas/A" → none"##])
  }

  /// Each schema names the next one twice: as a tree there would be 2⁶⁰ of them.
  @Test(.timeLimit(.minutes(5))) func schemasThatShareTheirPartsAreReadOnce() throws {
    func components(_ keyword: (String) -> String, last: String) -> String {
      let parts = (0..<60).map { "\"S\($0)\": \(keyword("{\"$ref\": \"#/components/schemas/S\($0 + 1)\"}"))" }
      return "{\(parts.joined(separator: ", ")), \"S60\": {\"type\": \"\(last)\"}}"
    }
    let first = ##"{"$ref": "#/components/schemas/S0"}"##
    for keyword in [
      { (part: String) in "{\"properties\": {\"a\": \(part), \"b\": \(part)}}" },
      { (part: String) in "{\"allOf\": [\(part), {\"allOf\": [\(part)]}]}" },
    ] {
      let diff = try difference(
        openAPI(request: first, components: components(keyword, last: "string")),
        openAPI(request: first, components: components(keyword, last: "integer")))
      #expect(diff.breakingCount == 1)
    }
  }

  @Test func whatIsNoDefinitionIsRefused() {
    #expect(throws: DefinitionUnreadable.self) { try definition("{}") }
    #expect(throws: DefinitionUnreadable.self) { try definition(#"{"openapi": "3.0.0", "paths": [1]}"#) }
    #expect(throws: Never.self) { try definition(#"{"openapi": "3.0.0", "paths": {"/a": 7, "/b": {"get": []}}}"#) }
  }

  // MARK: - Histories and values

  @Test func historiesCompareByVersion() {
    func version(_ id: String, _ status: Int64) -> APIVersion {
      APIVersion(document: ["version_id": .string(id), "version_no": .string("n" + id), "status": .integer(status)])
    }
    let diff = DefinitionDiff(
      fromHistory: [version("1", 2), version("2", 1), version("3", 2)],
      to: [version("2", 2), version("3", 1), version("4", 2)])
    #expect(
      diff.text == """
        - version n1  n1 → -
              removed
        ~ version n2  n2 → n2
              no longer effective
        ~ version n3  n3 → n3
              effective now
        + version n4  - → n4
              added
        2 changed, 1 added, 1 removed; none breaking
        """)
  }

  @Test func valuesCompareMemberByMember() {
    let diff = DefinitionDiff(fromValue: ["a": [1, 2], "b": ["c": true]], to: ["a": [1], "b": ["c": false], "d": 1])
    #expect(
      diff.text == """
        - a[2]
              2 → none
        ~ b.c
              true → false
        + d
              none → 1
        1 changed, 1 added, 1 removed; none breaking
        """)
  }
}

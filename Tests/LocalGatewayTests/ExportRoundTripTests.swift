import GatewayAPI
import LocalGateway
import Testing

/// The import of an export gives the same APIs, whatever they hold.
@Suite(.timeLimit(.minutes(10))) struct ExportRoundTripTests {
  private static let base = LocalGatewayHarness.base

  /// Every kind of back end, and texts that a careless writer of YAML changes.
  static let awkward: [Document] = [
    [
      "name": "http-one", "req_method": "POST", "req_uri": "/orders/{id}/items", "backend_type": "HTTP",
      "auth_type": "APP", "req_protocol": "BOTH", "cors": true, "match_mode": "SWA", "type": 2,
      "remark": "yes",
      "tags": ["no", "1e3", "0x1F", "12:30", "~", "null", "2026-01-01", "=", "<<", "NaN"],
      "body_remark": "true", "auth_opt": ["app_code_auth_type": "HEADER"], "authorizer_id": "0123",
      "result_normal_sample": "{\"a\": 1}", "result_failure_sample": "# no comment", "version": "1.10",
      "backend_api": [
        "url_domain": "orders.internal:8443", "req_protocol": "HTTPS", "req_method": "PUT", "req_uri": "/o/{id}",
        "timeout": 5000, "retry_count": "-1", "enable_client_ssl": false,
      ],
      "req_params": [
        ["name": "id", "location": "PATH", "type": "STRING", "required": 1, "regular": "^[0-9]{3,}$"],
        [
          "name": "count", "location": "QUERY", "type": "NUMBER", "required": 2, "default_value": "05", "min_num": 1,
          "max_num": 9, "valid_enable": 1, "enumerations": "1,2,3",
        ],
        [
          "name": "X-Trace", "location": "HEADER", "type": "STRING", "required": 1, "sample_value": "off",
          "remark": "- no list", "pass_through": 1, "min_size": 0, "max_size": 36,
        ],
      ],
      "backend_params": [
        ["name": "id", "location": "PATH", "origin": "REQUEST", "value": "id"],
        ["name": "source", "location": "QUERY", "origin": "CONSTANT", "value": "007", "remark": "who"],
      ],
      "policy_https": [
        [
          "name": "canary", "effect_mode": "ANY", "url_domain": "canary.internal", "req_uri": "/c",
          "conditions": [
            [
              "condition_origin": "param", "req_param_name": "count", "condition_type": "exact",
              "condition_value": "1",
            ]
          ], "backend_params": [["name": "v", "location": "HEADER", "origin": "CONSTANT", "value": "2"]],
        ]
      ],
    ],
    [
      "name": "mock 中文 🎉", "req_method": "ANY", "req_uri": "/mock/{+rest}", "backend_type": "MOCK",
      "auth_type": "IAM", "remark": "quotes \" ' and \\ and\nlines\tand: colons # no comment 🎉",
      "mock_info": ["result_content": "{\"text\":\"it's 'quoted' — 中文\"}\r\n", "remark": "", "version": "2"],
      "policy_mocks": [
        [
          "name": "alt", "effect_mode": "ALL", "result_content": "alt",
          "conditions": [["condition_origin": "source", "condition_value": "10.0.0.0/8"]],
        ]
      ],
    ],
    [
      "name": "function-one", "req_method": "GET", "req_uri": "/function", "backend_type": "FUNCTION",
      "auth_type": "AUTHORIZER", "req_protocol": "HTTP", "is_send_fg_body_base64": false,
      "func_info": [
        "function_urn": "urn:fss:cn-north-4:1:function:default:f", "invocation_type": "sync", "network_type": "V2",
        "timeout": 5000, "version": "latest", "alias_urn": "",
      ],
    ],
    [
      "name": "plain", "req_method": "DELETE", "req_uri": "/plain/{a}/{b}", "backend_type": "MOCK", "auth_type": "NONE",
      "trace_enabled": true, "sampling_strategy": "RATE", "sampling_param": "50", "domain_name": "x.example",
    ],
  ]

  private static func makeGroup(_ name: String, _ gateway: LocalGatewayHarness) async throws -> String {
    let made = try await gateway.send("POST", base + "/api-groups", "{\"name\":\"\(name)\"}")
    let group = try #require(made.document["id"]?.stringValue)
    for definition in awkward {
      var members = definition.objectValue ?? [:]
      members["group_id"] = .string(group)
      members.merge(["type": 1, "req_protocol": "HTTPS"]) { given, _ in given }
      let answer = try await gateway.send("POST", base + "/apis", Document.object(members).jsonText)
      try #require(answer.status == 201, "\(answer.document.jsonText)")
    }
    return group
  }

  @Test(arguments: ["2.0", "3.0"], ["json", "yaml", "yml"])
  func draftsComeBackAsTheyWere(_ version: String, _ type: String) async throws {
    try await LocalGatewayHarness.with { gateway in
      let group = try await Self.makeGroup("round trip", gateway)
      let document = try await gateway.exporting(group, type: type, version: version)
      #expect(document.header("Content-Type") == (type == "json" ? "application/json" : "application/x-yaml"))
      let report = try await gateway.importing(String(decoding: document.body, as: UTF8.self))
      #expect(report.document["failure"] == [], "\(report.document.jsonText)")
      let copy = try #require(report.document["group_id"]?.stringValue)
      let before = try await gateway.definitions(of: group)
      let after = try await gateway.definitions(of: copy)
      #expect(before.count == Self.awkward.count)
      for (name, definition) in before {
        for member in Set((definition.objectValue ?? [:]).keys).union((after[name]?.objectValue ?? [:]).keys) {
          #expect(after[name]?[member] == definition[member], "\(name).\(member)")
        }
      }
    }
  }

  @Test(arguments: ["spec", "proxy", "all"])
  func whatIsPublishedIsExported(_ define: String) async throws {
    try await LocalGatewayHarness.with { gateway in
      let group = try await Self.makeGroup("published", gateway)
      let list = try await gateway.send("GET", Self.base + "/apis?group_id=\(group)")
      let ids = (list.document["apis"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
      _ = try await gateway.publish(ids[0])
      _ = try await gateway.publish(ids[1])
      let document = try await gateway.exporting(group, define: define).document
      #expect(document["paths"]?.objectValue?.keys.sorted() == ["/mock/{+rest}", "/orders/{id}/items"])
      let operation = document["paths"]?["/orders/{id}/items"]?["post"]
      #expect((operation?["x-apigateway-backend"] != nil) == (define != "spec"))
      #expect((document["x-apigateway-ratelimits"] != nil) == (define == "all"))
      #expect(operation?["x-apigateway-version-no"]?.stringValue?.count == 14)
      let hidden = ["orders.internal", "canary.internal", "alt"]
      for text in hidden { #expect(document.jsonText.contains(text) == (define != "spec"), "\(text)") }
      // A front end alone, put over APIs that are there, leaves their back ends as they are.
      let report = try await gateway.importing(document.jsonText, into: group)
      #expect(report.document["failure"] == [] && report.document["success"]?.arrayValue?.count == 2)
      let after = try await gateway.definitions(of: group)
      #expect(after["http-one"]?["backend_api"]?["url_domain"] == "orders.internal:8443")
      #expect(after["http-one"]?["policy_https"]?.arrayValue?.count == 1)
    }
  }

  @Test func someAPIsOfAGroup() async throws {
    try await LocalGatewayHarness.with { gateway in
      let group = try await Self.makeGroup("some", gateway)
      let list = try await gateway.send("GET", Self.base + "/apis?group_id=\(group)&name=plain")
      let id = try #require(list.document["apis"]?.arrayValue?.first?["id"]?.stringValue)
      let body: Document = [
        "group_id": .string(group), "env_id": .string(GatewayEnvironment.releaseID), "define": "dev",
        "apis": [.string(id)],
      ]
      let document = try await gateway.send("POST", Self.base + "/openapi/export", body.jsonText).document
      #expect(document["paths"]?.objectValue?.keys.sorted() == ["/plain/{a}/{b}"])
      #expect(document["swagger"] == "2.0")
    }
  }
}

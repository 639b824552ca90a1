import Foundation
import GatewayAPI
import LocalGateway
import Testing

/// Documents of other authors, which know nothing of this gateway: what becomes of each path.
@Suite(.timeLimit(.minutes(10))) struct ForeignDocumentTests {
  private static let base = LocalGatewayHarness.base

  /// One import: its report by "METHOD path", and the drafts by name.
  private struct Imported {
    let title: String
    let outcomes: [String: String]
    let apis: [String: Document]
    let answer: LocalGatewayHarness.Answer

    init(_ document: String, _ gateway: LocalGatewayHarness, into group: String? = nil) async throws {
      let path = try #require(
        Bundle.module.url(forResource: document, withExtension: nil, subdirectory: "Documents"), "\(document)")
      answer = try await gateway.importing(String(contentsOf: path, encoding: .utf8), into: group)
      try #require(answer.status == 200, "\(answer.document.jsonText)")
      var outcomes: [String: String] = [:]
      for (list, outcome) in [("success", "action"), ("failure", "error_code"), ("ignore", "")] {
        for entry in answer.document[list]?.arrayValue ?? [] {
          let line = "\(entry["method"]?.stringValue ?? "") \(entry["path"]?.stringValue ?? "")"
          outcomes[line] = entry[outcome]?.stringValue ?? "ignored"
        }
      }
      self.outcomes = outcomes
      let id = try #require(answer.document["group_id"]?.stringValue)
      let group = try await gateway.send("GET", LocalGatewayHarness.base + "/api-groups/\(id)")
      title = group.document["name"]?.stringValue ?? ""
      apis = try await gateway.definitions(of: id)
    }

    func answerText(_ name: String) -> String? { apis[name]?["mock_info"]?["result_content"]?.stringValue }

    func parameters(_ name: String) -> [Document] { apis[name]?["req_params"]?.arrayValue ?? [] }
  }

  @Test func aTutorial() async throws {
    try await LocalGatewayHarness.with { gateway in
      let imported = try await Imported("bookshop.yaml", gateway)
      #expect(imported.title == "Bookshop (tutorial)")
      #expect(
        imported.outcomes == [
          "GET /books": "create", "POST /books": "create", "GET /books/{bookId}": "create",
          "HEAD /books/{bookId}": "create", "TRACE /books/{bookId}": "ignored",
        ])
      #expect(imported.apis["listBooks"]?["req_uri"] == "/v1/books")
      #expect(imported.answerText("listBooks") == "[{\"id\":1,\"title\":\"Middlemarch\"}]")
      #expect(imported.answerText("showBook") == "{\"id\":7,\"title\":\"Moby-Dick\"}")
      #expect(imported.answerText("createBook") == "")
      #expect(imported.apis["createBook"]?["body_remark"] == "The book to add")
      #expect(
        imported.parameters("listBooks") == [
          [
            "name": "limit", "location": "QUERY", "type": "NUMBER", "required": 2, "min_num": 1, "max_num": 100,
            "default_value": "20", "remark": "How many to return at one time",
          ]
        ])
    }
  }

  @Test func anEnterpriseWithManyReferences() async throws {
    try await LocalGatewayHarness.with { gateway in
      let imported = try await Imported("ledger.json", gateway)
      #expect(
        imported.outcomes == [
          "GET /accounts/{accountId}/entries": "create", "PATCH /accounts/{accountId}/entries": "create",
          "GET /accounts~archived": "create", " /outside": "APIG.3602", "GET /circle": "APIG.3602",
        ])
      let list = try #require(imported.apis["LedgerEntries_List"])
      #expect(list["req_uri"] == "/gl/api/accounts/{accountId}/entries")
      #expect(list["auth_type"] == "IAM")
      #expect(imported.answerText("LedgerEntries_List") == "[{\"amount\":\"12.50\",\"currency\":\"CHF\"}]")
      let names = imported.parameters("LedgerEntries_List").compactMap { $0["name"]?.stringValue }
      #expect(names == ["accountId", "from", "X-Correlation-Id"])
      // The operation's own parameter stands for the path's of the same name.
      #expect(imported.parameters("LedgerEntries_List").last?["required"] == 1)
      #expect(imported.parameters("LedgerEntries_Correct").first?["type"] == "NUMBER")
      #expect(imported.apis["LedgerEntries_Correct"]?["body_remark"] == "What is wrong, and what is right")
    }
  }

  @Test func oneThatFastAPIMade() async throws {
    try await LocalGatewayHarness.with { gateway in
      let imported = try await Imported("thermostat.json", gateway)
      #expect(
        imported.outcomes == [
          "GET /": "create", "PUT /thermostats/{thermostat_id}": "create",
          "OPTIONS /thermostats/{thermostat_id}": "create",
        ])
      let name = "set_target_thermostats__thermostat_id__put"
      #expect(imported.apis[name]?["remark"] == "Set Target")
      #expect(imported.answerText(name) == "{\"celsius\":21.5,\"valve\":\"open\"}")
      #expect(
        imported.parameters(name).map { "\($0["name"]?.stringValue ?? "") \($0["type"]?.stringValue ?? "")" }
          == ["thermostat_id NUMBER", "boost NUMBER", "unit STRING"])
      #expect(imported.parameters(name).last?["enumerations"] == "C,F")
      #expect(imported.apis["OPTIONS_thermostats_thermostat_id"] != nil)
    }
  }

  @Test func swagger2WithBasePathAndForms() async throws {
    try await LocalGatewayHarness.with { gateway in
      let imported = try await Imported("warehouse.json", gateway)
      #expect(imported.outcomes.count == 4 && Set(imported.outcomes.values) == ["create"])
      #expect(imported.apis["getStock"]?["req_uri"] == "/rest/v2/stock/{sku}")
      #expect(imported.apis["getStock"]?["req_protocol"] == "BOTH")
      #expect(imported.apis["uploadPhoto"]?["req_protocol"] == "HTTPS")
      #expect(imported.answerText("getStock") == "{\"count\":17,\"sku\":\"ABC1\"}")
      #expect(imported.answerText("DELETE_rest_v2_stock_sku") == "{\"gone\":true}")
      #expect(imported.answerText("uploadPhoto") == "{\"stored\":true}")
      #expect(imported.parameters("uploadPhoto").map { $0["name"] } == ["sku"])
      #expect(imported.parameters("getStock").map { $0["default_value"] } == [nil, "0"])
      #expect(imported.apis["addStock"]?["body_remark"] == "The article")
    }
  }

  @Test func handwrittenYAMLWithAnchors() async throws {
    try await LocalGatewayHarness.with { gateway in
      let imported = try await Imported("weather.yml", gateway)
      #expect(imported.title == "天气 服务")
      #expect(imported.outcomes.count == 3 && Set(imported.outcomes.values) == ["create"])
      #expect(imported.answerText("当前天气") == "{\"sky\":\"☀️ 晴\",\"temp\":21}")
      #expect(imported.answerText("报告天气") == "{\"sky\":\"☀️ 晴\",\"temp\":21}")
      #expect(imported.apis["当前天气"]?["tags"] == ["天气", "no"])
      #expect(imported.apis["GET_weather_city_day"]?["remark"] == "某天的天气")
      #expect(imported.apis["GET_weather_city_day"]?["tags"] == ["12:30", "yes", "1e3x", ".5x", "Infinity"])
      #expect(imported.parameters("GET_weather_city_day").map { $0["name"] } == ["city", "day"])
    }
  }

  @Test func whatIsBrokenStopsNothingElse() async throws {
    try await LocalGatewayHarness.with { gateway in
      let imported = try await Imported("half-broken.yaml", gateway)
      #expect(
        imported.outcomes == [
          "GET /fine": "create", "GET /twice": "APIG.3202", "GET no-slash": "APIG.2012",
          "GET /file/{name}.json": "APIG.2012", "GET /open/{brace": "APIG.2012", " /text": "APIG.3602",
          " /list": "APIG.3602", "GET /number": "APIG.3602", "POST /number": "create", "GET /nowhere": "APIG.3602",
          "GET /nameless": "APIG.3602", "GET /strange": "APIG.2012", "GET /a/{one}": "create",
          "GET /a/{other}": "APIG.3301", "GET /long": "APIG.2012",
        ])
      for failure in imported.answer.document["failure"]?.arrayValue ?? [] {
        #expect(failure["error_msg"]?.stringValue?.isEmpty == false)
      }
      #expect(imported.apis.count == 3)
    }
  }

  @Test func importingAgainUpdatesAndKeepsWhatTheDocumentDoesNotSay() async throws {
    try await LocalGatewayHarness.with { gateway in
      let first = try await Imported("bookshop.yaml", gateway)
      let group = try #require(first.answer.document["group_id"]?.stringValue)
      let id = try #require(
        first.answer.document["success"]?.arrayValue?.first { $0["path"] == "/books" && $0["method"] == "GET" }?["id"]?
          .stringValue)
      var members = try await gateway.send("GET", Self.base + "/apis/\(id)").document.objectValue ?? [:]
      members["backend_type"] = "HTTP"
      members["backend_api"] = ["url_domain": "books.internal", "req_uri": "/b", "req_method": "GET", "timeout": 5000]
      members["remark"] = "changed by hand"
      members["auth_type"] = "APP"
      let changed = try await gateway.send("PUT", Self.base + "/apis/\(id)", Document.object(members).jsonText)
      #expect(changed.status == 200, "\(changed.document.jsonText)")
      let again = try await Imported("bookshop.yaml", gateway, into: group)
      #expect(again.outcomes.filter { $0.value == "update" }.count == 4)
      #expect(again.apis["listBooks"]?["backend_type"] == "HTTP")
      #expect(again.apis["listBooks"]?["backend_api"]?["url_domain"] == "books.internal")
      #expect(again.apis["listBooks"]?["remark"] == "List all books")
      #expect(again.apis["listBooks"]?["auth_type"] == "APP")
    }
  }
}

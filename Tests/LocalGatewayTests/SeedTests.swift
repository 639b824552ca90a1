import Foundation
import GatewayAPI
import LocalGateway
import Testing

@Suite(.timeLimit(.minutes(10))) struct SeedTests {
  private static let base = LocalGatewayHarness.base
  private static let now = Timestamp("2026-11-20T10:00:00Z") ?? Timestamp(seconds: 0)

  private static let text = """
    environments: [RELEASE, {name: BLUE, remark: the other one, created: 2026-01-01T00:00:00Z}]
    groups:
    - name: shop
      remark: from a file
      apis:
      - name: buy-{1..3}
        method: POST
        path: /buy/{..}
        answer: '{"n":{..}}'
        tags: [seeded]
        created: 3 weeks ago
        changed: 1 hour ago
        history:
        - { env: RELEASE, time: 2 weeks ago, remark: first }
        - { env: RELEASE, time: 3 days ago, remark: second }
        - { env: BLUE, time: 1 day ago, effective: false }
      - { name: new-one, published: [BLUE] }
      - short-one
    """

  private static func seed(_ text: String) throws -> Seed { try Seed(yaml: text, file: "seed.yaml", now: now) }

  private static func with<Value: Sendable>(
    _ seed: Seed, _ body: @escaping @Sendable (LocalGatewayHarness) async throws -> Value
  ) async throws -> Value {
    try await LocalGatewayHarness.with(
      {
        $0.seed = seed
        $0.now = { now }
      }, body)
  }

  @Test func aSeedIsWhatTheGatewayHolds() async throws {
    try await Self.with(Self.seed(Self.text)) { gateway in
      let environments = try await gateway.send("GET", Self.base + "/envs")
      #expect(environments.document["envs"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["BLUE", "RELEASE"])
      let apis = try await gateway.send("GET", Self.base + "/apis?limit=100").document["apis"]?.arrayValue ?? []
      #expect(Set(apis.compactMap { $0["name"]?.stringValue }) == ["buy-1", "buy-2", "buy-3", "new-one", "short-one"])
      let buy = try #require(apis.first { $0["name"] == "buy-2" })
      #expect(buy["req_method"] == "POST" && buy["req_uri"] == "/buy/2" && buy["tags"] == ["seeded"])
      #expect(buy["mock_info"]?["result_content"] == "{\"n\":2}")
      #expect(buy["run_env_name"] == "RELEASE")
      #expect(buy["publish_time"] == "2026-11-17T10:00:00Z" && buy["update_time"] == "2026-11-20T09:00:00Z")
      #expect(API(document: buy).hasChanged(in: GatewayEnvironment.releaseID))
      let new = try #require(apis.first { $0["name"] == "new-one" })
      #expect(new["run_env_name"] == "BLUE")
      let history = try await gateway.send("GET", Self.base + "/apis/publish/\(buy["id"]?.stringValue ?? "")")
      let versions = history.document["api_versions"]?.arrayValue ?? []
      #expect(versions.map { $0["remark"]?.stringValue } == ["", "second", "first"])
      #expect(versions.map { $0["status"]?.integerValue } == [2, 1, 2])
      let published = try await gateway.publish(buy["id"]?.stringValue ?? "")
      #expect(published.status == 201)
    }
  }

  @Test func aSnapshotIsASeedOfTheSame() async throws {
    try await withTemporaryFile { first in
      try await withTemporaryFile { second in
        // The demo has all there is: histories, switches are made here, an environment goes.
        var configuration = LocalGatewayConfiguration(storage: .file(first))
        configuration.hasDemo = true
        try await withLocalGateway(configuration) { url in
          let gateway = LocalGatewayHarness(url: url)
          let api = try await gateway.apiID("pay-create")
          _ = try await gateway.publish(api)
          // Texts that parsers of YAML like to change.
          for (number, text) in ["\u{FEFF}mark", "NaN", "12:30", "\u{2028}", "\u{85}", " blank ", "\t"].enumerated() {
            let group: Document = ["name": .string("group \(number)"), "remark": .string(text)]
            #expect(try await gateway.send("POST", Self.base + "/api-groups", group.jsonText).status == 201)
          }
          let history = try await gateway.send("GET", Self.base + "/apis/publish/\(api)?env_name=RELEASE")
          let old = history.document["api_versions"]?.arrayValue?.last?["version_id"]?.stringValue ?? ""
          let switched = try await gateway.send(
            "PUT", Self.base + "/apis/publish/\(api)", "{\"version_id\":\"\(old)\"}")
          #expect(switched.status == 200)
          let other = try await gateway.apiID("pay-status")
          _ = try await gateway.send(
            "POST", Self.base + "/apis/action",
            "{\"action\":\"offline\",\"api_id\":\"\(other)\",\"env_id\":\"\(GatewayEnvironment.releaseID)\"}")
          let environments = try await gateway.send("GET", Self.base + "/envs?name=TEST")
          let test = environments.document["envs"]?.arrayValue?.first?["id"]?.stringValue ?? ""
          #expect(try await gateway.send("DELETE", Self.base + "/envs/\(test)").status == 204)
        }
        let snapshot = try await LocalGateway.snapshot(dataFile: first)
        let text = try snapshot.yaml()
        #expect(text.contains("pay-create") && text.contains("effective_since"))
        try await LocalGateway.seed(Self.seed(text), dataFile: second)
        #expect(try await LocalGateway.snapshot(dataFile: second).yaml() == text)
        // Over itself, too.
        try await LocalGateway.seed(Self.seed(text), dataFile: first, replacing: true)
        #expect(try await LocalGateway.snapshot(dataFile: first).yaml() == text)
      }
    }
  }

  @Test func everyTextSurvives() async throws {
    try await withTemporaryFile { path in
      let members = Dictionary(
        uniqueKeysWithValues: ExportRoundTripTests.awkward.map { ($0["name"]?.stringValue ?? "", $0) })
      let apis = members.values.map { definition -> String in
        var body = definition.objectValue ?? [:]
        let name = body.removeValue(forKey: "name") ?? ""
        body.merge(["type": 1, "req_protocol": "HTTPS"]) { given, _ in given }
        return "{\"name\":\(name.jsonText),\"definition\":\(Document.object(body).jsonText)}"
      }
      let text = "{\"groups\":[{\"name\":\"awkward\",\"apis\":[\(apis.joined(separator: ","))]}]}"
      try await LocalGateway.seed(Self.seed(text), dataFile: path)
      let snapshot = try await LocalGateway.snapshot(dataFile: path).yaml()
      try await LocalGateway.seed(Self.seed(snapshot), dataFile: path, replacing: true)
      #expect(try await LocalGateway.snapshot(dataFile: path).yaml() == snapshot)
      try await withLocalGateway(LocalGatewayConfiguration(storage: .file(path))) { url in
        let gateway = LocalGatewayHarness(url: url)
        for (name, definition) in members {
          let id = try await gateway.send("GET", Self.base + "/apis?limit=10").document["apis"]?.arrayValue?.first {
            $0["name"]?.stringValue == name
          }?["id"]?.stringValue
          let found = try await gateway.send("GET", Self.base + "/apis/\(id ?? "")").document
          for (member, value) in definition.objectValue ?? [:] { #expect(found[member] == value, "\(name).\(member)") }
        }
      }
    }
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let place: String
    let says: String

    init(_ name: String, _ text: String, _ place: String, _ says: String) {
      testDescription = name
      self.text = text
      self.place = place
      self.says = says
    }
  }

  static let mistakes: [Mistake] = [
    Mistake("nothing", "", "seed.yaml", "it is empty"),
    Mistake("no YAML", "groups: [", "seed.yaml:2:1", "it is no YAML"),
    Mistake("a list", "- a", "seed.yaml:1:1", "a seed must be a mapping"),
    Mistake("an unknown key", "group: []", "seed.yaml:1:1", "a seed has no 'group'"),
    Mistake("a group without a name", "groups:\n- remark: x", "seed.yaml:2:3", "a group needs 'name'"),
    Mistake("a key twice", "groups: []\ngroups: []", "seed.yaml:1:1", "there twice"),
    Mistake("no list", "groups: x", "seed.yaml:1:9", "'groups' must be a list"),
    Mistake(
      "an unknown key of an API", "groups:\n- name: abc\n  apis:\n  - { name: a-1, methd: GET }", "seed.yaml:4:18",
      "an API has no 'methd'"),
    Mistake(
      "no time", "groups:\n- name: abc\n  created: yesterday", "seed.yaml:3:12", "'created' is no time: yesterday"),
    Mistake(
      "an unknown environment", "groups:\n- name: abc\n  apis:\n  - {name: a-1, published: [RELASE]}",
      "seed.yaml:4:29", "there is no environment RELASE"),
    Mistake(
      "a name twice", "groups:\n- name: abc\n  apis: [a-1, a-1]", "seed.yaml:3:15", "two APIs named a-1"),
    Mistake(
      "a path twice", "groups:\n- name: abc\n  apis:\n  - {name: a-1, path: /x}\n  - {name: a-2, path: /x}",
      "seed.yaml:5:5", "two APIs for GET /x"),
    Mistake(
      "a wrong method", "groups:\n- name: abc\n  apis:\n  - {name: a-1, method: FETCH}", "seed.yaml:4:5", "req_method"),
    Mistake("too many", "groups:\n- name: abc\n  apis: ['a-{1..1001}']", "seed.yaml:3:10", "counts 1001 APIs"),
    Mistake("backwards", "groups:\n- name: abc\n  apis: ['a-{9..1}']", "seed.yaml:3:10", "counts backwards"),
    Mistake("a short name", "groups:\n- name: ab", "seed.yaml:2:3", "a group cannot be named"),
    Mistake("a wrong environment", "environments: ['a b']", "seed.yaml:1:16", "an environment cannot be named a b"),
    Mistake(
      "eleven versions",
      "groups:\n- name: abc\n  apis:\n  - name: a-1\n    history:\n"
        + String(repeating: "    - { env: RELEASE }\n", count: 11), "seed.yaml:16:7", "more than 10 versions"),
  ]

  @Test(arguments: mistakes)
  func aMistakeIsShownAtItsPlaceAndNothingIsTakenOver(_ mistake: Mistake) async throws {
    try await withTemporaryFile { path in
      try await LocalGateway.seed(Self.seed("groups: [{name: before, apis: [kept]}]"), dataFile: path)
      let before = try await LocalGateway.snapshot(dataFile: path).yaml()
      let error = await #expect(throws: SeedError.self) {
        try await LocalGateway.seed(Self.seed(mistake.text), dataFile: path, replacing: true)
      }
      #expect(error?.place == mistake.place, "\(error?.description ?? "")")
      #expect(error?.message.contains(mistake.says) == true, "\(error?.description ?? "")")
      #expect(try await LocalGateway.snapshot(dataFile: path).yaml() == before)
    }
  }

  @Test(arguments: [false, true])
  func aFileThatASeedFailsToBeginIsStillNew(_ isReplacing: Bool) async throws {
    try await withTemporaryFile { path in
      await #expect(throws: SeedError.self) {
        try await LocalGateway.seed(
          Self.seed("groups: [{name: shop, apis: [a-1, a-1]}]"), dataFile: path, replacing: isReplacing)
      }
      try await withLocalGateway(LocalGatewayConfiguration(storage: .file(path))) { url in
        let gateway = LocalGatewayHarness(url: url)
        let demo = try await gateway.apiID("pay-create")
        #expect(!demo.isEmpty)
      }
    }
  }

  @Test func aFileThatCannotBeUsedIsNamed() async throws {
    try await withTemporaryFile { path in
      try Data("no database, although long enough".utf8).write(to: URL(filePath: path))
      let error = await #expect(throws: LocalGatewayError.self) {
        try await LocalGateway.seed(Self.seed("groups: [{name: shop}]"), dataFile: path)
      }
      #expect(error?.code == .data && error?.message.contains(path) == true)
    }
  }

  @Test func versionsWithNumbersOfAnyFormDoNotStopPublishing() async throws {
    let text = """
      groups:
      - name: shop
        apis:
        - name: buy
          history:
          - { env: RELEASE, number: v1 }
          - { env: RELEASE, number: '20261120180000' }
          - { env: RELEASE, number: '99999999999999' }
      """
    try await Self.with(Self.seed(text)) { gateway in
      let api = try await gateway.apiID("buy")
      for _ in 1...2 {
        let published = try await gateway.publish(api)
        #expect(published.status == 201)
      }
      let history = try await gateway.send("GET", Self.base + "/apis/publish/\(api)")
      let numbers = history.document["api_versions"]?.arrayValue?.compactMap { $0["version_no"]?.stringValue } ?? []
      #expect(Set(numbers).isSuperset(of: ["20261120180001", "20261120180002"]), "\(numbers)")
    }
  }

  @Test func whatHasAnIDIsOneAPIWhateverItsName() async throws {
    let seed = try Self.seed("groups: [{name: shop, apis: [{name: 'x{1..2}', id: only, path: /x}]}]")
    #expect(seed.apiCount == 1)
    try await withTemporaryFile { path in
      try await LocalGateway.seed(seed, dataFile: path)
      let text = try await LocalGateway.snapshot(dataFile: path).yaml()
      #expect(text.contains("x{1..2}"))
      try await LocalGateway.seed(Self.seed(text), dataFile: path, replacing: true)
      #expect(try await LocalGateway.snapshot(dataFile: path).yaml() == text)
    }
  }

  /// A gateway takes what its snapshot can bring back, no more.
  @Test func pathsThatDifferInParameterNamesAloneAreOne() async throws {
    try await Self.with(Self.seed("groups: [{name: shop, apis: [{name: first, path: '/a/{x}'}, second]}]")) { gateway in
      let second = try await gateway.apiID("second")
      var body = try await gateway.send("GET", Self.base + "/apis/\(second)").document.objectValue ?? [:]
      body["req_uri"] = "/a/{y}"
      let changed = try await gateway.send("PUT", Self.base + "/apis/\(second)", Document.object(body).jsonText)
      #expect(changed.code == "APIG.3301" && changed.document["error_msg"]?.stringValue?.contains("/a/{x}") == true)
      body["name"] = "third"
      let made = try await gateway.send("POST", Self.base + "/apis", Document.object(body).jsonText)
      #expect(made.code == "APIG.3301")
      body["req_uri"] = "/a/{y}/b"
      let other = try await gateway.send("POST", Self.base + "/apis", Document.object(body).jsonText)
      #expect(other.status == 201)
    }
  }

  @Test func aDefinitionCannotRenameItsAPI() async throws {
    let text = """
      groups:
      - { name: other, id: elsewhere }
      - name: shop
        apis: [{name: buy, definition: {name: sell, group_id: elsewhere, req_method: POST}}]
      """
    try await withTemporaryFile { path in
      try await LocalGateway.seed(Self.seed(text), dataFile: path)
      let snapshot = try await LocalGateway.snapshot(dataFile: path).yaml()
      #expect(snapshot.contains("buy") && snapshot.contains("POST"))
      #expect(!snapshot.contains("sell") && !snapshot.contains("group_id"))
    }
  }

  @Test func aFullGroupTakesNoAPIFromAnother() async throws {
    let text = "groups: [{name: full, apis: ['api-{1..1000}']}, {name: other, apis: [mover]}]"
    try await Self.with(Self.seed(text)) { gateway in
      let full = try await gateway.send("GET", Self.base + "/api-groups?name=full").document["groups"]?.arrayValue
      for (name, status) in [("mover", 403), ("api-1000", 200)] {
        let id = try await gateway.apiID(name)
        var body = try await gateway.send("GET", Self.base + "/apis/\(id)").document.objectValue ?? [:]
        body["group_id"] = full?.first?["id"]
        let answer = try await gateway.send("PUT", Self.base + "/apis/\(id)", Document.object(body).jsonText)
        #expect(answer.status == status && answer.code == (status == 403 ? "APIG.3125" : nil), "\(name)")
      }
    }
  }

  @Test func eightThousandAPIs() async throws {
    let groups = (1...8).map { "- name: group-\($0)\n  apis: [{name: 'api-{1..1000}', published: [RELEASE]}]" }
    let seed = try Self.seed("groups:\n" + groups.joined(separator: "\n"))
    #expect(seed.apiCount == 8000)
    try await Self.with(seed) { gateway in
      let page = try await gateway.send("GET", Self.base + "/apis?limit=500&offset=7500")
      #expect(page.document["total"] == 8000 && page.document["size"] == 500)
      let apis = page.document["apis"]?.arrayValue ?? []
      #expect(apis.allSatisfy { $0["run_env_name"] == "RELEASE" })
      let body: Document = [
        "name": "one-more", "type": 1, "req_protocol": "HTTPS", "req_method": "GET", "req_uri": "/one-more",
        "auth_type": "NONE", "backend_type": "MOCK", "group_id": apis.first?["group_id"] ?? "",
      ]
      let refused = try await gateway.send("POST", Self.base + "/apis", body.jsonText)
      #expect(refused.status == 403)
    }
  }

  @Test func quotasHoldForImports() async throws {
    try await Self.with(Self.seed("groups: [{name: nearly full, apis: ['api-{1..999}']}]")) { gateway in
      let groups = try await gateway.send("GET", Self.base + "/api-groups")
      let group = try #require(groups.document["groups"]?.arrayValue?.first?["id"]?.stringValue)
      let paths = ["a", "b", "c"].map { "/\($0): {get: {operationId: new-\($0)}}" }.joined(separator: ", ")
      let report = try await gateway.importing("{swagger: '2.0', paths: {\(paths)}}", into: group).document
      #expect(report["success"]?.arrayValue?.map { $0["path"] } == ["/a"])
      #expect(report["failure"]?.arrayValue?.map { $0["error_code"] } == ["APIG.3125", "APIG.3125"])
    }
  }

  @Test func aGatewayThatRunsSeesTheSeed() async throws {
    try await withTemporaryFile { path in
      try await withLocalGateway(LocalGatewayConfiguration(storage: .file(path))) { url in
        let gateway = LocalGatewayHarness(url: url)
        #expect(try await gateway.send("GET", Self.base + "/apis?name=buy-1").document["total"] == 0)
        try await LocalGateway.seed(Self.seed(Self.text), dataFile: path)
        #expect(try await gateway.send("GET", Self.base + "/apis?name=buy-1").document["total"] == 1)
        #expect(try await gateway.send("GET", Self.base + "/apis?name=pay-create").document["total"] == 1)
      }
    }
  }

  @Test func aGatewayThatRunsIsNotReset() async throws {
    try await withTemporaryFile { path in
      try await withLocalGateway(LocalGatewayConfiguration(storage: .file(path))) { url in
        let gateway = LocalGatewayHarness(url: url)
        let made = try await gateway.send("POST", Self.base + "/api-groups", "{\"name\":\"kept\"}")
        #expect(made.status == 201)
        let error = await #expect(throws: LocalGatewayError.self) { try await LocalGateway.reset(dataFile: path) }
        #expect(error?.code == .inUse)
        #expect(try await gateway.send("GET", Self.base + "/api-groups?name=kept").document["total"] == 1)
      }
      try await LocalGateway.reset(dataFile: path)
      #expect(try await !LocalGateway.snapshot(dataFile: path).yaml().contains("kept"))
    }
  }
}

internal import DocumentYAML
internal import GatewayAPI
internal import Yams

/// Reads the YAML form of a seed.
struct SeedReader {
  let file: String
  let now: Timestamp

  /// - Throws: ``SeedError``.
  func seed(_ text: String) throws(SeedError) -> Seed {
    let root = try mapping(compose(text), "a seed", ["environments", "groups"])
    var seed = Seed(file: file)
    for node in try root.list("environments") { seed.environments.append(try environment(node)) }
    for node in try root.list("groups") { seed.groups.append(try group(node)) }
    return seed
  }

  private func compose(_ text: String) throws(SeedError) -> Node {
    do {
      guard let node = try YAMLText.compose(text) else {
        throw SeedError(file, nil, "it is empty", hint: "write groups: and their APIs")
      }
      return node
    } catch let error as SeedError {
      throw error
    } catch {
      let place = YAMLText.place(of: error).map { Seed.Place(line: $0.line, column: $0.column) }
      throw SeedError(file, place, "it is no YAML: \(YAMLText.reason(error))")
    }
  }

  private func mapping(_ node: Node, _ what: String, _ keys: [String]) throws(SeedError) -> SeedMapping {
    try SeedMapping(node, what: what, keys: keys, file: file, now: now)
  }

  private func environment(_ node: Node) throws(SeedError) -> Seed.Environment {
    if let scalar = node.scalar { return Seed.Environment(place: node.place, name: scalar.string) }
    let members = try mapping(node, "an environment", ["name", "id", "remark", "created"])
    return Seed.Environment(
      place: members.place, id: try members.text("id"), name: try members.required("name", of: "an environment"),
      remark: try members.text("remark"), created: try members.time("created"))
  }

  private func group(_ node: Node) throws(SeedError) -> Seed.Group {
    let members = try mapping(node, "a group", ["name", "id", "remark", "created", "changed", "apis"])
    var group = Seed.Group(
      place: members.place, id: try members.text("id"), name: try members.required("name", of: "a group"),
      remark: try members.text("remark"), created: try members.time("created"), changed: try members.time("changed"),
      apis: [])
    for node in try members.list("apis") { group.apis += try apis(node) }
    return group
  }

  // MARK: - APIs

  private static let apiKeys = [
    "name", "id", "method", "path", "answer", "remark", "tags", "definition", "created", "changed", "published",
    "history",
  ]

  /// One API, or as many as the range in its name counts.
  private func apis(_ node: Node) throws(SeedError) -> [Seed.API] {
    if let scalar = node.scalar {
      return try names(scalar.string, node.place).map { name, _ in
        Seed.API(place: node.place, name: name, definition: Self.definition(path: "/\(name)"), versions: [])
      }
    }
    let members = try mapping(node, "an API", Self.apiKeys)
    let name = try members.required("name", of: "an API")
    // What has an ID is one API, whatever its name looks like.
    guard members["id"] == nil else { return [try api(members, name, "")] }
    let names = try names(name, members["name"]?.place)
    var apis: [Seed.API] = []
    for (name, number) in names { apis.append(try api(members, name, number)) }
    return apis
  }

  private func names(_ text: String, _ place: Seed.Place?) throws(SeedError) -> [(name: String, number: String)] {
    guard let range = SeedRange(text) else { return [(text, "")] }
    guard range.count <= Handlers.maximumAPIsPerGroup else {
      throw SeedError(file, place, "\(text) counts \(range.count) APIs, a group holds \(Handlers.maximumAPIsPerGroup)")
    }
    guard range.count > 0 else { throw SeedError(file, place, "\(text) counts backwards") }
    return range.names
  }

  private func api(_ members: SeedMapping, _ name: String, _ number: String) throws(SeedError) -> Seed.API {
    func text(_ key: String) throws(SeedError) -> String? {
      try members.text(key)?.replacing(SeedRange.placeholder, with: number)
    }
    var definition = Self.definition(path: try text("path") ?? "/\(name)")
    if let method = try text("method") { definition["req_method"] = .string(method) }
    if let remark = try text("remark") { definition["remark"] = .string(remark) }
    if let answer = try text("answer") { definition["mock_info"] = ["result_content": .string(answer)] }
    let tags = try members.list("tags").compactMap { $0.scalar?.string }
    if !tags.isEmpty { definition["tags"] = .array(tags.map(Document.string)) }
    // A definition that is given is the whole of it.
    if let given = try members.document("definition") {
      definition = given["req_uri"] == nil ? definition.merging(given) { $1 } : given
    }
    var api = Seed.API(
      place: members.place, id: try members.text("id"), name: name, definition: definition,
      created: try members.time("created"), changed: try members.time("changed"), versions: [])
    for node in try members.list("published") {
      guard let environment = node.scalar?.string else {
        throw SeedError(file, node.place, "'published' lists environments by name")
      }
      api.versions.append(Seed.Version(place: node.place, environment: environment))
    }
    for node in try members.list("history") { api.versions.append(try version(node)) }
    return api
  }

  private static func definition(path: String) -> [String: Document] {
    [
      "type": 1, "req_protocol": "HTTPS", "req_method": "GET", "req_uri": .string(path), "auth_type": "NONE",
      "backend_type": "MOCK", "mock_info": ["result_content": "{}"],
    ]
  }

  private static let versionKeys = [
    "env", "time", "remark", "id", "number", "effective", "effective_since", "publish_id", "definition",
  ]

  private func version(_ node: Node) throws(SeedError) -> Seed.Version {
    let members = try mapping(node, "a version", Self.versionKeys)
    return Seed.Version(
      place: members.place, id: try members.text("id"), number: try members.text("number"),
      environment: try members.required("env", of: "a version"), remark: try members.text("remark"),
      time: try members.time("time"), definition: try members.document("definition"),
      isEffective: try members.boolean("effective"), publishID: try members.text("publish_id"),
      effectiveSince: try members.time("effective_since"))
  }
}

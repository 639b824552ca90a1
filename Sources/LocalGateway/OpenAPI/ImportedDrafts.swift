internal import GRDB
internal import GatewayAPI

/// The drafts of a group while an import changes them: read once, however many paths the document has.
struct ImportedDrafts {
  enum Outcome {
    case created(String)
    case updated(String)
    case unchanged
  }

  private let group: GroupRow
  private let db: Database
  private let now: Timestamp
  private var rows: [String: APIRow] = [:]
  private var idsByName: [String: String] = [:]
  private var idsByRequest: [String: String] = [:]
  /// What this import has already made or changed.
  private var touched: Set<String> = []
  private var total: Int
  /// What this import may still write, in bytes: paths can share what stands in the document once.
  private var room = Self.maximumBytes

  private static let maximumBytes = 64 << 20

  init(group: GroupRow, db: Database, now: Timestamp) throws {
    self.group = group
    self.db = db
    self.now = now
    total = try APIRow.fetchCount(db)
    for row in try APIRow.filter(Column("group_id") == group.id).fetchAll(db) { remember(row) }
  }

  /// Makes the API, or changes the draft of the one with the same method and path.
  ///
  /// - Throws: ``Fault`` when the gateway cannot take it; nothing is changed then.
  mutating func save(_ api: ImportedAPI, _ rules: ImportRules) throws -> Outcome {
    let request = RequestLine(method: api.method, uri: api.uri).key
    guard let id = idsByRequest[request], var row = rows[id] else { return try make(api) }
    guard !touched.contains(id) else {
      throw Fault(400, .apiExists, "The API already exists: \(api.method) \(api.uri) is in the document twice")
    }
    try requireRoom()
    let old = (try? Document(json: row.definition))?.objectValue ?? [:]
    let members = api.definition(replacing: old, rules)
    let body = try APIBody(.object(members))
    room -= body.json.utf8.count
    try requireFree(body.name, except: id)
    touched.insert(id)
    if rules.keepsAPIs, APIDefinitionDocument.filled(members) == APIDefinitionDocument.filled(old) { return .unchanged }
    idsByName[row.name] = nil
    row.name = body.name
    row.definition = body.json
    row.update_time = now.text
    try row.update(db)
    remember(row)
    return .updated(id)
  }

  private mutating func make(_ api: ImportedAPI) throws -> Outcome {
    // Before anything is built that would be for nothing.
    guard rows.count < Handlers.maximumAPIsPerGroup else { throw Fault.quota("APIG.3125", "APIs in the API group") }
    guard total < Handlers.maximumAPIs else { throw Fault.quota("APIG.3102", "APIs") }
    try requireRoom()
    let body = try APIBody(.object(api.definition(in: group.id)))
    room -= body.json.utf8.count
    try requireFree(body.name, except: nil)
    let row = APIRow(
      id: Identifier.random(), group_id: group.id, name: body.name, definition: body.json, register_time: now.text,
      update_time: now.text)
    try row.insert(db)
    total += 1
    touched.insert(row.id)
    remember(row)
    return .created(row.id)
  }

  private func requireRoom() throws(Fault) {
    guard room > 0 else {
      throw Fault.syntax("its APIs have more than \(Self.maximumBytes >> 20) MiB of definitions; import it in parts")
    }
  }

  private func requireFree(_ name: String, except id: String?) throws {
    if let other = idsByName[name], other != id {
      throw Fault(400, .apiNameTaken, "The API name already exists: \(name)")
    }
  }

  private mutating func remember(_ row: APIRow) {
    rows[row.id] = row
    idsByName[row.name] = row.id
    let definition = (try? Document(json: row.definition)) ?? .null
    idsByRequest[RequestLine(definition).key] = row.id
  }
}

/// What tells one API of a group from another: its method, and its path without the names of its parameters.
struct RequestLine {
  let method: String
  let uri: String

  init(method: String, uri: String) {
    self.method = method
    self.uri = uri
  }

  init(_ definition: Document) {
    self.init(
      method: definition["req_method"]?.stringValue ?? "", uri: definition["req_uri"]?.stringValue ?? "")
  }

  var key: String {
    let segments = uri.split(separator: "/", omittingEmptySubsequences: false).map {
      $0.first == "{" && $0.last == "}" ? "{}" : $0
    }
    return "\(method) \(segments.joined(separator: "/"))"
  }
}

internal import GRDB
internal import GatewayAPI

/// Takes a seed over into a store: all of it, or nothing.
struct SeedPlanting {
  let seed: Seed
  let db: Database
  let now: Timestamp

  private var file: String { seed.file }

  /// - Throws: ``SeedError`` for what the gateway would not take either.
  func plant() throws {
    let environments = try plantEnvironments(seed.environments)
    for group in seed.groups { try plant(group, environments) }
    guard try APIRow.fetchCount(db) <= Handlers.maximumAPIs else {
      throw SeedError(file, nil, "it makes more APIs than a gateway holds: \(Handlers.maximumAPIs)")
    }
    guard try GroupRow.fetchCount(db) <= Handlers.maximumGroups else {
      throw SeedError(file, nil, "it makes more groups than a gateway holds: \(Handlers.maximumGroups)")
    }
  }

  /// Takes everything away that a seed can bring.
  static func clear(_ db: Database) throws {
    for table in ["publication", "version", "api", "api_group", "env"] { try db.execute(sql: "DELETE FROM \(table)") }
  }

  // MARK: - Environments

  /// An empty gateway gets the seed's environments, another one those that it does not have; RELEASE is always there.
  ///
  /// - Returns: the IDs by name.
  private func plantEnvironments(_ environments: [Seed.Environment]) throws -> [String: String] {
    if !environments.isEmpty, try GroupRow.all().isEmpty(db) {
      try db.execute(sql: "DELETE FROM env")
    }
    for environment in environments {
      if let there = try EnvironmentRow.filter(Column("name") == environment.name).fetchOne(db) {
        guard environment.id == nil || environment.id == there.id else {
          throw error(environment.place, "the environment \(environment.name) is there already, with another ID")
        }
        continue
      }
      guard (try? requireEnvironmentName(environment.name)) != nil else {
        throw error(
          environment.place, "an environment cannot be named \(environment.name)",
          hint: "letters, digits and underscores, a letter first")
      }
      let stable = environment.name == "RELEASE" ? GatewayEnvironment.releaseID : Identifier.stable(environment.name)
      let id = try id(environment.id ?? stable, environment.place, isGiven: environment.id != nil, in: "env")
      try EnvironmentRow(
        id: id, name: environment.name, remark: environment.remark,
        create_time: (environment.created ?? now).text
      ).insert(db)
    }
    if try !EnvironmentRow.exists(db, key: GatewayEnvironment.releaseID) {
      try EnvironmentRow(id: GatewayEnvironment.releaseID, name: "RELEASE", remark: "", create_time: now.text).insert(
        db)
    }
    guard try EnvironmentRow.fetchCount(db) <= Handlers.maximumEnvironments else {
      throw error(
        environments.last?.place, "a gateway holds at most \(Handlers.maximumEnvironments) environments")
    }
    let rows = try EnvironmentRow.fetchAll(db)
    return Dictionary(rows.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
  }

  // MARK: - Groups and APIs

  private func plant(_ group: Seed.Group, _ environments: [String: String]) throws {
    guard (try? requireGroupName(group.name)) != nil else {
      throw error(
        group.place, "a group cannot be named \"\(group.name.prefix(80))\"",
        hint: "3 to 255 characters, a letter, digit or Chinese character first")
    }
    guard try GroupRow.filter(Column("name") == group.name).isEmpty(db) else {
      throw error(
        group.place, "the group \(group.name) is there already",
        hint: "--replace puts the file in the place of all there is"
      )
    }
    guard group.apis.count <= Handlers.maximumAPIsPerGroup else {
      throw error(
        group.place,
        "the group \(group.name) has \(group.apis.count) APIs, at most \(Handlers.maximumAPIsPerGroup) are allowed")
    }
    let created = group.created ?? now
    let id = try id(
      group.id ?? Identifier.stable("group \(group.name)"), group.place, isGiven: group.id != nil, in: "api_group")
    try GroupRow(
      id: id, name: group.name, remark: group.remark, register_time: created.text,
      update_time: (group.changed ?? created).text
    ).insert(db)
    var names: Set<String> = []
    var requests: Set<String> = []
    for api in group.apis {
      guard names.insert(api.name).inserted else { throw error(api.place, "the group has two APIs named \(api.name)") }
      let row = try plant(api, in: id, group.name)
      let request = RequestLine(.object(api.definition)).key
      guard requests.insert(request).inserted else {
        throw error(api.place, "the group has two APIs for \(request)", hint: "give each its own path: /\(api.name)")
      }
      try plantVersions(of: api, row, environments)
    }
  }

  private func plant(_ api: Seed.API, in groupID: String, _ groupName: String) throws -> APIRow {
    // The draft's name and group are the API's; a version may have had others.
    let json = Self.json(
      api.definition.merging(["name": .string(api.name), "group_id": .string(groupID)]) { $1 }, name: api.name,
      groupID: groupID)
    do {
      _ = try APIBody(Document(json: Array(json.utf8)))
    } catch let fault as Fault {
      throw error(api.place, "the gateway would not take the API \(api.name): \(fault.message)")
    }
    let created = api.created ?? now
    let id = try id(
      api.id ?? Identifier.stable("api \(groupName)/\(api.name)"), api.place, isGiven: api.id != nil, in: "api")
    let row = APIRow(
      id: id, group_id: groupID, name: api.name, definition: json, register_time: created.text,
      update_time: (api.changed ?? created).text)
    try row.insert(db)
    return row
  }

  private static func json(_ definition: [String: Document], name: String, groupID: String) -> String {
    Document.object(["name": .string(name), "group_id": .string(groupID)].merging(definition) { $1 }).jsonText
  }

  // MARK: - Versions

  private func plantVersions(of api: Seed.API, _ row: APIRow, _ environments: [String: String]) throws {
    var taken: Set<String> = []
    for version in api.versions {
      if let number = version.number, !taken.insert(number).inserted {
        throw error(version.place, "the API \(api.name) has two versions with the number \(number)")
      }
    }
    var counts: [String: Int] = [:]
    let effective = effectiveVersions(of: api)
    for (index, version) in api.versions.enumerated() {
      guard let environmentID = environments[version.environment] else {
        throw error(
          version.place, "there is no environment \(version.environment)",
          hint: Suggestion.closest(to: version.environment, in: environments.keys).map { "did you mean \($0)?" }
            ?? "name it under environments:")
      }
      counts[environmentID, default: 0] += 1
      guard counts[environmentID, default: 0] <= PublicationState.maximumVersions else {
        throw error(
          version.place,
          "the API \(api.name) has more than \(PublicationState.maximumVersions) versions in \(version.environment)")
      }
      let time = version.time ?? api.changed ?? api.created ?? now
      let number = version.number ?? VersionNumber.make(at: time, taken: taken)
      taken.insert(number)
      let id = try id(
        version.id ?? Identifier.random(), version.place, isGiven: version.id != nil, in: "version")
      try VersionRow(
        position: nil, id: id, api_id: row.id, env_id: environmentID, number: number, remark: version.remark,
        publish_time: time.text,
        definition: version.definition.map { Self.json($0, name: row.name, groupID: row.group_id) } ?? row.definition
      ).insert(db)
      if effective[version.environment] == index {
        try PublicationRow(
          api_id: row.id, env_id: environmentID, version_id: id, publish_id: version.publishID ?? Identifier.random(),
          publish_time: (version.effectiveSince ?? time).text
        ).insert(db)
      }
    }
  }

  /// By environment, the index of the version in effect: the one that says so, else the newest where none says no.
  private func effectiveVersions(of api: Seed.API) -> [String: Int] {
    var effective: [String: Int] = [:]
    let decided = Set(api.versions.filter { $0.isEffective != nil }.map(\.environment))
    for (index, version) in api.versions.enumerated() {
      if version.isEffective ?? !decided.contains(version.environment) { effective[version.environment] = index }
    }
    return effective
  }

  // MARK: - IDs

  /// An ID that is given must be free; one made up gives way.
  private func id(_ id: String, _ place: Seed.Place?, isGiven: Bool, in table: String) throws -> String {
    let isTaken = try Bool.fetchOne(db, sql: "SELECT 1 FROM \(table) WHERE id = ?", arguments: [id]) ?? false
    guard isTaken else { return id }
    guard !isGiven else { throw error(place, "the ID \(id) is taken") }
    return Identifier.random()
  }

  private func error(_ place: Seed.Place?, _ message: String, hint: String? = nil) -> SeedError {
    SeedError(file, place, message, hint: hint)
  }
}

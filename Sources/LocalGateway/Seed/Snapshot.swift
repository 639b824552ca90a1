internal import GRDB
internal import GatewayAPI

extension Seed {
  /// Everything that a store holds.
  static func snapshot(_ db: Database) throws -> Seed {
    let environments = try EnvironmentRow.fetchAll(db, sql: "SELECT * FROM env ORDER BY create_time, id")
    let environmentNames = Dictionary(uniqueKeysWithValues: environments.map { ($0.id, $0.name) })
    let groups = try GroupRow.fetchAll(db, sql: "SELECT * FROM api_group ORDER BY register_time, id")
    let apis = try APIRow.fetchAll(db, sql: "SELECT * FROM api ORDER BY register_time, rowid")
    let versions = try VersionRow.fetchAll(db, sql: "SELECT * FROM version ORDER BY position")
    let publications = try PublicationRow.fetchAll(db)
    let versionsByAPI = Dictionary(grouping: versions, by: \.api_id)
    let publicationsByVersion = Dictionary(
      publications.map { ($0.version_id, $0) }, uniquingKeysWith: { first, _ in first })
    let apisByGroup = Dictionary(grouping: apis, by: \.group_id)
    return Seed(
      file: "snapshot",
      environments: environments.map {
        Environment(id: $0.id, name: $0.name, remark: $0.remark, created: Timestamp($0.create_time))
      },
      groups: groups.map { group in
        Group(
          id: group.id, name: group.name, remark: group.remark, created: Timestamp(group.register_time),
          changed: Timestamp(group.update_time),
          apis: (apisByGroup[group.id] ?? []).map { api in
            API(
              id: api.id, name: api.name, definition: members(of: api.definition, api),
              created: Timestamp(api.register_time), changed: Timestamp(api.update_time),
              versions: (versionsByAPI[api.id] ?? []).map { version in
                Seed.Version(
                  version, of: api, environment: environmentNames[version.env_id] ?? version.env_id,
                  publicationsByVersion[version.id])
              })
          })
      })
  }

  /// A definition without what its API says of itself.
  fileprivate static func members(of json: String, _ api: APIRow) -> [String: Document] {
    var members = (try? Document(json: json))?.objectValue ?? [:]
    if members["name"] == .string(api.name) { members["name"] = nil }
    if members["group_id"] == .string(api.group_id) { members["group_id"] = nil }
    return members
  }
}

extension Seed.Version {
  fileprivate init(_ row: VersionRow, of api: APIRow, environment: String, _ publication: PublicationRow?) {
    self.init(
      id: row.id, number: row.number, environment: environment, remark: row.remark, time: Timestamp(row.publish_time),
      definition: row.definition == api.definition ? nil : Seed.members(of: row.definition, api),
      isEffective: publication != nil, publishID: publication?.publish_id,
      effectiveSince: publication.flatMap { $0.publish_time == row.publish_time ? nil : Timestamp($0.publish_time) })
  }
}

internal import GRDB
internal import GatewayAPI

/// Everything that the gateway holds, secrets apart.
enum StateDocument {
  static func read(_ store: Store) async throws -> Document {
    try await store.read { db in
      let apis = try APIRow.fetchAll(db, sql: "SELECT * FROM api ORDER BY register_time, rowid")
      let versions = try VersionRow.fetchAll(db, sql: "SELECT * FROM version ORDER BY position")
      let environments = try EnvironmentRow.fetchAll(db, sql: "SELECT * FROM env ORDER BY create_time, id")
      let names = Dictionary(environments.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
      let publications = try PublicationRow.fetchAll(db, sql: "SELECT * FROM publication ORDER BY api_id, env_id")
      let effective = Set(publications.map(\.version_id))
      return [
        "groups": .array(
          try GroupRow.fetchAll(db, sql: "SELECT * FROM api_group ORDER BY register_time, id").map(\.document)),
        "envs": .array(environments.map(\.document)),
        "apis": .array(apis.map(document)),
        "versions": .array(
          versions.map { version in
            let entry = version.document(
              environment: names[version.env_id, default: ""], isEffective: effective.contains(version.id))
            let definition = Document.object(APIDefinitionDocument.members(of: version.definition))
            return .object((entry.objectValue ?? [:]).merging(["definition": definition]) { $1 })
          }),
        "publications": .array(publications.map(document)),
        "faults": .array(
          try FaultRow.fetchAll(db, sql: "SELECT * FROM fault ORDER BY position").map(\.document)),
      ]
    }
  }

  private static func document(_ api: APIRow) -> Document {
    [
      "id": .string(api.id), "name": .string(api.name), "group_id": .string(api.group_id),
      "register_time": .string(api.register_time), "update_time": .string(api.update_time),
      "definition": .object(APIDefinitionDocument.members(of: api.definition)),
    ]
  }

  private static func document(_ row: PublicationRow) -> Document {
    [
      "api_id": .string(row.api_id), "env_id": .string(row.env_id), "version_id": .string(row.version_id),
      "publish_id": .string(row.publish_id), "publish_time": .string(row.publish_time),
    ]
  }
}

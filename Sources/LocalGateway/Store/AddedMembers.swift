internal import GRDB
internal import GatewayAPI

/// What the gateway says of APIs beside their definitions, read for a page of them.
struct AddedMembers {
  private let groupNames: [String: String]
  private let places: [String: [PublicationRow.Place]]

  init(to rows: [APIRow], _ db: Database) throws {
    groupNames = try GroupRow.names(of: Set(rows.map(\.group_id)), db)
    places = try PublicationRow.places(of: rows.map(\.id), db)
  }

  /// Sorted by name.
  func members(of row: APIRow) -> [JSONMember] {
    let places = places[row.id] ?? []
    // The form that lists have.
    func joined(_ part: (PublicationRow.Place) -> String) -> Document {
      .string(places.count == 1 ? part(places[0]) : places.map(part).joined(separator: "|"))
    }
    return [
      JSONMember("arrange_necessary", 2), JSONMember("group_id", .string(row.group_id)),
      JSONMember("group_name", .string(groupNames[row.group_id] ?? "")), JSONMember("id", .string(row.id)),
      JSONMember("name", .string(row.name)), JSONMember("publish_id", joined { $0.publishID }),
      JSONMember("publish_time", joined { $0.publishTime }),
      JSONMember("register_time", .string(row.register_time)),
      JSONMember("run_env_id", joined { $0.environmentID }), JSONMember("run_env_name", joined { $0.environmentName }),
      JSONMember("status", 1), JSONMember("update_time", .string(row.update_time)),
    ]
  }
}

internal import GRDB
internal import GatewayAPI

/// The conditions of a list request as SQL: `id` matches whole, names and paths by part unless the search is precise.
struct ListFilter {
  private(set) var conditions: [String] = []
  private(set) var arguments = StatementArguments()

  /// - Parameter columns: fields of the call that are columns of the table.
  init(_ call: Call, columns: [String]) {
    let isPrecise = call.text("precise_search")?.split(separator: ",").map(String.init) ?? []
    for column in columns {
      guard let text = call.text(column) else { continue }
      if column == "id" || isPrecise.contains(column) {
        add("\(column) = ?", [text])
      } else {
        add("instr(\(column), ?) > 0", [text])
      }
    }
  }

  mutating func add(_ condition: String, _ values: StatementArguments) {
    conditions.append(condition)
    arguments += values
  }

  var sql: String { conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ") }

  func count(in table: String, _ db: Database) throws -> Int {
    try SQLRequest<Int>.kept("SELECT COUNT(*) FROM \(table) \(sql)", arguments).fetchOne(db) ?? 0
  }
}

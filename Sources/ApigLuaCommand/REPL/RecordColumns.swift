internal import GatewayAPI
internal import GatewayScripting

/// Which fields of a list's records are worth a column, and what stands above it.
enum RecordColumns {
  private static let preferred: [String: [String]] = [
    APIVersion.schema.name: ["version_no", "publish_time", "status", "remark"],
    API.schema.name: ["name", "group_name", "req_method", "req_uri", "run_env_name"],
    APIGroup.schema.name: ["name", "register_time", "remark"],
    GatewayEnvironment.schema.name: ["name", "id", "remark"],
    Publication.schema.name: ["api_name", "publish_time", "version_id", "remark"],
    GatewayInstance.schema.name: ["instance_name", "status", "spec", "eip_address", "id"],
  ]

  /// - Parameters:
  ///   - record: the kind of the records.
  ///   - rows: their fields.
  static func columns(of record: String, in rows: [[String: ConsoleValue]]) -> [String] {
    let present = Set(rows.flatMap(\.keys))
    let order = order(of: record)
    let names =
      preferred[record] ?? present.sorted { (order[$0] ?? .max, $0) < (order[$1] ?? .max, $1) }
    let columns = names.filter(present.contains)
    // Environments only where there are several.
    guard record == APIVersion.schema.name, Set(rows.compactMap { $0["env_name"] }).count > 1 else { return columns }
    return columns + ["env_name"]
  }

  static func title(_ column: String, of record: String, isLocal: Bool) -> String {
    guard column.hasSuffix("_time") else { return column }
    let title = record == APIVersion.schema.name ? "published" : column
    return isLocal ? "\(title) (local)" : title
  }

  /// The place of each field in the record's declaration.
  static func order(of record: String) -> [String: Int] {
    let names = RecordFields.names(of: record)
    return Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
  }
}

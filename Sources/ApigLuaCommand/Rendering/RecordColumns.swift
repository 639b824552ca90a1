internal import GatewayAPI
internal import GatewayScripting

/// Which fields of a list's records are worth a column, what stands above it, and what in it.
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
  ///   - fields: those that any of them has; nil for whatever may be there.
  static func columns(of record: String, having fields: Set<String>?) -> [String] {
    guard let fields else { return preferred[record] ?? RecordFields.names(of: record) }
    guard let preferred = preferred[record] else {
      let order = order(of: record)
      return fields.sorted { (order[$0] ?? .max, $0) < (order[$1] ?? .max, $1) }
    }
    return preferred.filter(fields.contains)
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

  /// A field's value in one line.
  ///
  /// - Parameter moment: how moments are told; nil as the gateway tells them.
  static func cell(_ name: String, _ value: Document?, of schema: RecordSchema, _ moment: MomentText?) -> String {
    if schema == APIVersion.schema, name == "status" { return value == 1 ? "effective" : "" }
    switch value {
    case nil, .null: return ""
    case .string(let text):
      guard let moment, name.hasSuffix("_time") else { return text }
      // An API may be published in several environments.
      return text.split(separator: "|").map { part in Timestamp(String(part)).map { moment($0) } ?? String(part) }
        .joined(separator: "|")
    case let value?: return value.jsonText
    }
  }
}

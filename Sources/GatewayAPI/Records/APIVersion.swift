/// An entry of an API's publication history.
public struct APIVersion: GatewayRecord {
  public let document: Document

  public init(document: Document) { self.document = document }

  public var versionID: String? { text("version_id") }
  /// A label such as `20200803093600`; local time of the gateway, never to be parsed.
  public var versionNumber: String? { text("version_no") }
  public var apiID: String? { text("api_id") }
  public var environmentID: String? { text("env_id") }
  public var environmentName: String? { text("env_name") }
  /// RFC 3339, UTC.
  public var publishTime: String? { text("publish_time") }
  /// Whether this is the version its environment runs.
  public var isEffective: Bool { document["status"]?.integerValue == 1 }

  public static let schema = RecordSchema(
    "version", listName: "api_versions", summary: "A version of an API: an entry of its publication history.",
    fields: [
      .init("version_id", "string", "API version ID."),
      .init("version_no", "string", "API version number, a label."),
      .init("api_id", "string", "API ID."),
      .init("env_id", "string", "ID of the environment in which the API has been published."),
      .init("env_name", "string", "Name of that environment."),
      .init("remark", "string", "Description about the publication."),
      .init("publish_time", "string", "Publication time, RFC 3339 in UTC."),
      .init("status", "integer", "1: effective, 2: not effective."),
    ])
}

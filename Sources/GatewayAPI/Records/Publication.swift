/// What publishing, taking offline and switching answer: which version of an API an environment runs now.
public struct Publication: GatewayRecord {
  public let document: Document

  public init(document: Document) { self.document = document }

  public var publishID: String? { text("publish_id") }
  public var apiID: String? { text("api_id") }
  public var apiName: String? { text("api_name") }
  public var environmentID: String? { text("env_id") }
  public var remark: String? { text("remark") }
  /// RFC 3339, UTC.
  public var publishTime: String? { text("publish_time") }
  public var versionID: String? { text("version_id") }

  public static let schema = RecordSchema(
    "publication", summary: "Which version of an API an environment runs now.",
    fields: [
      .init("publish_id", "string", "Publication record ID."),
      .init("api_id", "string", "API ID."),
      .init("api_name", "string", "API name."),
      .init("env_id", "string", "ID of the environment in which the API has been published."),
      .init("remark", "string", "Description about the publication."),
      .init("publish_time", "string", "Publication time, RFC 3339 in UTC."),
      .init("version_id", "string", "API version currently in use."),
    ])
}

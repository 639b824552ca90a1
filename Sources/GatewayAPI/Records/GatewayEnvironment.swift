/// An environment that APIs are published to.
public struct GatewayEnvironment: GatewayRecord {
  /// ID of the production environment that every gateway has.
  public static let releaseID = "DEFAULT_ENVIRONMENT_RELEASE_ID"

  public let document: Document

  public init(document: Document) { self.document = document }

  public var id: String? { text("id") }
  public var name: String? { text("name") }

  public static let schema = RecordSchema(
    "env", listName: "envs", summary: "An environment: where versions of APIs run.",
    fields: [
      .init("id", "string", "Environment ID."),
      .init("name", "string", "Environment name."),
      .init("remark", "string", "Description."),
      .init("create_time", "string", "When it was made, RFC 3339 in UTC."),
    ])
}

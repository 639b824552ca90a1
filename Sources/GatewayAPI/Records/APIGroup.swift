/// An API group: APIs that are managed and named together.
public struct APIGroup: GatewayRecord {
  public let document: Document

  public init(document: Document) { self.document = document }

  public var id: String? { text("id") }
  public var name: String? { text("name") }

  public static let schema = RecordSchema(
    "group", listName: "groups", summary: "An API group.",
    fields: [
      .init("id", "string", "Group ID."),
      .init("name", "string", "Group name."),
      .init("status", "integer", "1: valid."),
      .init("sl_domain", "string", "Debugging domain name that the gateway gives the group."),
      .init("sl_domain_access_enabled", "boolean", "Whether the debugging domain name can be called."),
      .init("sl_domains", "list", "All debugging domain names."),
      .init("url_domains", "list", "Domain names bound to the group."),
      .init("register_time", "string", "When it was made, RFC 3339 in UTC."),
      .init("update_time", "string", "When it was last changed, RFC 3339 in UTC."),
      .init("on_sell_status", "integer", "Whether it is on the marketplace: 1 listed, 2 not listed, 3 under review."),
      .init("remark", "string", "Description."),
      .init("call_limits", "integer", "Calls allowed in a period."),
      .init("time_interval", "integer", "Length of that period."),
      .init("time_unit", "string", "Unit of that period."),
      .init("is_default", "integer", "1 for the default group."),
      .init("version", "string", "Version of the group."),
      .init("roma_app_id", "string", "Integration application it belongs to."),
      .init("roma_app_name", "string", "Name of that application."),
    ])
}

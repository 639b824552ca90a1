/// An API with its whole definition: the draft, or one version of it.
public struct APIDefinition: GatewayRecord {
  public let document: Document

  public init(document: Document) { self.document = document }

  public var id: String? { text("id") }
  public var name: String? { text("name") }
  public var versionID: String? { text("version_id") }

  public static let schema = RecordSchema(
    "api definition", summary: "An API with its whole definition: the draft, or one version of it.",
    fields: API.listFields + [
      .init("func_info", "table", "Function back end."),
      .init("mock_info", "table", "Mock back end."),
      .init("backend_params", "list", "Back-end parameters."),
      .init("policy_functions", "list", "Function back-end policies."),
      .init("policy_mocks", "list", "Mock back-end policies."),
      .init("policy_https", "list", "HTTP back-end policies."),
      .init("sl_domain", "string", "Debugging domain name of its group."),
      .init("sl_domains", "list", "All debugging domain names of its group."),
      .init("version_id", "string", "ID of the version this definition belongs to."),
    ])
}

/// Lists the versions of an API that the gateway keeps: at most ten per environment.
public struct History: PagedOperation {
  public typealias Element = APIVersion
  public typealias Output = Page<APIVersion>

  public var apiID = ""
  public var environmentID: String?
  public var environmentName: String?
  public var offset: Int?
  public var limit: Int?

  public init() {}

  public init(apiID: String, environmentID: String? = nil) {
    self.apiID = apiID
    self.environmentID = environmentID
  }

  public static let name = "history"

  public static let declaration = OperationDeclaration<History>(
    .get, .gateway("apis/publish/{api_id}"), effect: .read,
    summary: "Lists the versions of an API that the gateway keeps, newest first.",
    reference: "Querying Historical Versions of an API",
    fields: [
      .init("api_id", \.apiID, .reference(.api), in: .path, required: true, help: "API to look at."),
      .init(
        "env_id", \.environmentID, .reference(.environment), in: .query, help: "Only this environment's versions."),
      .init("env_name", \.environmentName, .string, in: .query, help: "The same by name, matched by the gateway."),
      .init("offset", \.offset, .integer, in: .query, help: "How many of the newest to leave out."),
      .init("limit", \.limit, .integer, in: .query, help: "The most to return; all without it."),
    ])
}

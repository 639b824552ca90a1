/// Lists APIs with their drafts, and where each is published.
public struct ListAPIs: PagedOperation {
  public typealias Element = API
  public typealias Output = Page<API>

  public var groupID: String?
  public var environmentID: String?
  public var id: String?
  public var name: String?
  public var preciseSearch: String?
  public var requestProtocol: String?
  public var requestMethod: String?
  public var requestURI: String?
  public var authType: String?
  public var type: Int?
  public var tags: String?
  public var offset: Int?
  public var limit: Int?

  public init() {}

  public static let name = "apis"

  public static let declaration = OperationDeclaration<ListAPIs>(
    .get, .gateway("apis"), effect: .read,
    summary: "Lists APIs with their drafts, and where each is published.",
    reference: "Querying APIs",
    fields: [
      .init("group_id", \.groupID, .reference(.group), in: .query, help: "Only this group's APIs."),
      .init(
        "env_id", \.environmentID, .reference(.environment), in: .query, help: "Only what is published there."),
      .init("id", \.id, .string, in: .query, help: "Only the API with this ID."),
      .init("name", \.name, .string, in: .query, help: "Only names that hold this text."),
      .init(
        "precise_search", \.preciseSearch, .string, in: .query,
        help: "\"name\": the whole name must match."),
      .init("req_protocol", \.requestProtocol, .string, in: .query, help: "Only this protocol."),
      .init("req_method", \.requestMethod, .string, in: .query, help: "Only this request method."),
      .init("req_uri", \.requestURI, .string, in: .query, help: "Only paths that hold this text."),
      .init("auth_type", \.authType, .string, in: .query, help: "Only this authentication of callers."),
      .init("type", \.type, .integer, in: .query, help: "1: public, 2: private."),
      .init("tags", \.tags, .string, in: .query, only: .apigw, help: "Only APIs with this tag."),
      .init("offset", \.offset, .integer, in: .query, help: "How many to leave out."),
      .init("limit", \.limit, .integer, in: .query, help: "The most to return; all without it."),
    ])
}

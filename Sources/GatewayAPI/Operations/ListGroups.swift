/// Lists API groups.
public struct ListGroups: PagedOperation {
  public typealias Element = APIGroup
  public typealias Output = Page<APIGroup>

  public var id: String?
  public var name: String?
  public var preciseSearch: String?
  public var offset: Int?
  public var limit: Int?

  public init() {}

  public static let name = "groups"

  public static let declaration = OperationDeclaration<ListGroups>(
    .get, .gateway("api-groups"), effect: .read,
    summary: "Lists API groups.",
    reference: "Querying API Groups",
    fields: [
      .init("id", \.id, .string, in: .query, help: "Only the group with this ID."),
      .init("name", \.name, .string, in: .query, help: "Only names that hold this text."),
      .init(
        "precise_search", \.preciseSearch, .string, in: .query,
        help: "\"name\": the whole name must match."),
      .init("offset", \.offset, .integer, in: .query, help: "How many to leave out."),
      .init("limit", \.limit, .integer, in: .query, help: "The most to return; all without it."),
    ])
}

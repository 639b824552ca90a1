/// Lists environments.
public struct ListEnvironments: PagedOperation {
  public typealias Element = GatewayEnvironment
  public typealias Output = Page<GatewayEnvironment>

  public var name: String?
  public var offset: Int?
  public var limit: Int?

  public init() {}

  public static let name = "envs"

  public static let declaration = OperationDeclaration<ListEnvironments>(
    .get, .gateway("envs"), effect: .read,
    summary: "Lists environments.",
    reference: "Querying Environments",
    fields: [
      .init("name", \.name, .string, in: .query, help: "Only names that hold this text."),
      .init("offset", \.offset, .integer, in: .query, help: "How many to leave out."),
      .init("limit", \.limit, .integer, in: .query, help: "The most to return; all without it."),
    ])
}

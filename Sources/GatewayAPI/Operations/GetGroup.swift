/// Reads one API group.
public struct GetGroup: GatewayOperation {
  public typealias Output = APIGroup

  public var groupID = ""

  public init() {}

  public static let name = "group"

  public static let declaration = OperationDeclaration<GetGroup>(
    .get, .gateway("api-groups/{group_id}"), effect: .read,
    summary: "Reads one API group.",
    reference: "Querying API Group Details",
    fields: [
      .init("group_id", \.groupID, .reference(.group), in: .path, required: true, help: "Group.")
    ])
}

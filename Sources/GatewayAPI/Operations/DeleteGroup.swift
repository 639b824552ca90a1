/// Deletes an API group that holds no APIs.
public struct DeleteGroup: GatewayOperation {
  public typealias Output = NoOutput

  public var groupID = ""

  public init() {}

  public static let name = "delete_group"

  public static let declaration = OperationDeclaration<DeleteGroup>(
    .delete, .gateway("api-groups/{group_id}"), status: 204, effect: .write, isRepeatable: true,
    summary: "Deletes an API group that holds no APIs.",
    reference: "Deleting an API Group",
    fields: [
      .init("group_id", \.groupID, .reference(.group), in: .path, required: true, help: "Group.")
    ])
}

/// Renames or describes an API group.
public struct UpdateGroup: GatewayOperation {
  public typealias Output = APIGroup

  public var groupID = ""
  public var name = ""
  public var remark: String?

  public init() {}

  public static let name = "update_group"

  public static let declaration = OperationDeclaration<UpdateGroup>(
    .put, .gateway("api-groups/{group_id}"), effect: .write, isRepeatable: true,
    summary: "Renames or describes an API group.",
    reference: "Modifying an API Group",
    fields: [
      .init("group_id", \.groupID, .reference(.group), in: .path, required: true, help: "Group."),
      .init("name", \.name, .string, in: .body, required: true, help: "3 to 255 characters, beginning with a letter."),
      .init("remark", \.remark, .string, in: .body, maximumLength: 1000, help: "Description."),
    ])
}

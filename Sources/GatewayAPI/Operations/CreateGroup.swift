/// Makes an API group.
public struct CreateGroup: GatewayOperation {
  public typealias Output = APIGroup

  public var name = ""
  public var remark: String?

  public init() {}

  public static let name = "create_group"

  public static let declaration = OperationDeclaration<CreateGroup>(
    .post, .gateway("api-groups"), status: 201, effect: .write,
    summary: "Makes an API group.",
    reference: "Creating an API Group",
    fields: [
      .init("name", \.name, .string, in: .body, required: true, help: "3 to 255 characters, beginning with a letter."),
      .init("remark", \.remark, .string, in: .body, maximumLength: 1000, help: "Description."),
    ])
}

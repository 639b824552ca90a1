/// Makes an environment.
public struct CreateEnvironment: GatewayOperation {
  public typealias Output = GatewayEnvironment

  public var name = ""
  public var remark: String?

  public init() {}

  public static let name = "create_env"

  public static let declaration = OperationDeclaration<CreateEnvironment>(
    .post, .gateway("envs"), status: 201, effect: .write,
    summary: "Makes an environment.",
    reference: "Creating an Environment",
    fields: [
      .init(
        "name", \.name, .string, in: .body, required: true, help: "Letters, digits and _, beginning with a letter."),
      .init("remark", \.remark, .string, in: .body, maximumLength: 255, help: "Description."),
    ])
}

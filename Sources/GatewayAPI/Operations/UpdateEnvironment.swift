/// Renames or describes an environment.
public struct UpdateEnvironment: GatewayOperation {
  public typealias Output = GatewayEnvironment

  public var environmentID = ""
  public var name = ""
  public var remark: String?

  public init() {}

  public static let name = "update_env"

  public static let declaration = OperationDeclaration<UpdateEnvironment>(
    .put, .gateway("envs/{env_id}"), effect: .write, isRepeatable: true,
    summary: "Renames or describes an environment.",
    reference: "Modifying an Environment",
    fields: [
      .init("env_id", \.environmentID, .reference(.environment), in: .path, required: true, help: "Environment."),
      .init(
        "name", \.name, .string, in: .body, required: true, help: "Letters, digits and _, beginning with a letter."),
      .init("remark", \.remark, .string, in: .body, maximumLength: 255, help: "Description."),
    ])
}

/// Deletes an environment that runs no APIs.
public struct DeleteEnvironment: GatewayOperation {
  public typealias Output = NoOutput

  public var environmentID = ""

  public init() {}

  public static let name = "delete_env"

  public static let declaration = OperationDeclaration<DeleteEnvironment>(
    .delete, .gateway("envs/{env_id}"), status: 204, effect: .write, isRepeatable: true,
    summary: "Deletes an environment that runs no APIs.",
    reference: "Deleting an Environment",
    fields: [
      .init("env_id", \.environmentID, .reference(.environment), in: .path, required: true, help: "Environment.")
    ])
}

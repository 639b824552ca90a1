/// Deletes an API that is published nowhere.
public struct DeleteAPI: GatewayOperation {
  public typealias Output = NoOutput

  public var apiID = ""

  public init() {}

  public static let name = "delete_api"

  public static let declaration = OperationDeclaration<DeleteAPI>(
    .delete, .gateway("apis/{api_id}"), status: 204, effect: .write, isRepeatable: true,
    summary: "Deletes an API that is published nowhere.",
    reference: "Deleting an API",
    fields: [
      .init("api_id", \.apiID, .reference(.api), in: .path, required: true, help: "API to delete.")
    ])
}

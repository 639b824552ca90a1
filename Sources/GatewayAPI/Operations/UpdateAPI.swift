/// Replaces the draft of an API.
public struct UpdateAPI: GatewayOperation {
  public typealias Output = APIDefinition

  public var apiID = ""
  public var definition: Document?

  public init() {}

  public static let name = "update_api"

  public static let declaration = OperationDeclaration<UpdateAPI>(
    .put, .gateway("apis/{api_id}"), effect: .write, isRepeatable: true,
    summary: "Replaces the draft of an API; what environments run stays as it is.",
    reference: "Modifying an API",
    fields: [
      .init("api_id", \.apiID, .reference(.api), in: .path, required: true, help: "API to change."),
      .init(
        "definition", \.definition, .document, in: .wholeBody, required: true, help: "The definition as documented."),
    ])
}

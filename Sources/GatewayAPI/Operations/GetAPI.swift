/// Reads one API: its draft with the back end.
public struct GetAPI: GatewayOperation {
  public typealias Output = APIDefinition

  public var apiID = ""

  public init() {}

  public init(apiID: String) { self.apiID = apiID }

  public static let name = "api"

  public static let declaration = OperationDeclaration<GetAPI>(
    .get, .gateway("apis/{api_id}"), effect: .read,
    summary: "Reads one API with its current definition (its draft).",
    reference: "Querying API Details",
    fields: [
      .init("api_id", \.apiID, .reference(.api), in: .path, required: true, help: "API to read.")
    ])
}

/// Registers an API: its draft, published nowhere.
public struct CreateAPI: GatewayOperation {
  public typealias Output = APIDefinition

  public var definition: Document?

  public init() {}

  public static let name = "create_api"

  public static let declaration = OperationDeclaration<CreateAPI>(
    .post, .gateway("apis"), status: 201, effect: .write,
    summary: "Registers an API: its draft, published nowhere.",
    reference: "Registering an API",
    fields: [
      .init(
        "definition", \.definition, .document, in: .wholeBody, required: true, help: "The definition as documented.")
    ])
}

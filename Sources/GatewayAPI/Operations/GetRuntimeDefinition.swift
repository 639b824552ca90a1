/// Reads the definition of an API that an environment runs.
public struct GetRuntimeDefinition: GatewayOperation {
  public typealias Output = APIDefinition

  public var apiID = ""
  public var environmentID: String?

  public init() {}

  public static let name = "runtime"

  public static let declaration = OperationDeclaration<GetRuntimeDefinition>(
    .get, .gateway("apis/runtime/{api_id}"), effect: .read,
    summary: "Reads the definition of an API that an environment runs.",
    reference: "Querying the Definition of an API That Is Running",
    fields: [
      .init("api_id", \.apiID, .reference(.api), in: .path, required: true, help: "API to read."),
      .init("env_id", \.environmentID, .reference(.environment), in: .query, help: "Environment; RELEASE without it."),
    ])
}

/// Calls an API once through the gateway.
public struct DebugAPI: GatewayOperation {
  public typealias Output = DebugResult

  public var apiID = ""
  /// DEVELOPER, MARKET or CONSUMER.
  public var mode = ""
  public var scheme = ""
  public var method = ""
  public var path = ""
  public var body: String?
  public var stage: String?
  public var header: Document?
  public var query: Document?

  public init() {}

  public static let name = "debug"

  public static let declaration = OperationDeclaration<DebugAPI>(
    .post, .gateway("apis/debug/{api_id}"), effect: .read, isRepeatable: false,
    summary: "Calls an API once through the gateway and shows request and answer.",
    reference: "Debugging an API",
    fields: [
      .init("api_id", \.apiID, .reference(.api), in: .path, required: true, help: "API to call."),
      .init(
        "mode", \.mode, .choice(["DEVELOPER", "MARKET", "CONSUMER"]), in: .body, required: true,
        help: "Whose view: DEVELOPER calls the draft, CONSUMER what an environment runs."),
      .init("scheme", \.scheme, .choice(["HTTP", "HTTPS"]), in: .body, required: true, help: "HTTP or HTTPS."),
      .init("method", \.method, .string, in: .body, required: true, help: "Request method."),
      .init("path", \.path, .string, in: .body, required: true, help: "Path with a leading slash."),
      .init("body", \.body, .string, in: .body, help: "Request body."),
      .init("header", \.header, .document, in: .body, help: "Headers, each a list of values."),
      .init("query", \.query, .document, in: .body, help: "Query parameters, each a list of values."),
      .init("stage", \.stage, .string, in: .body, help: "Environment to call, by name."),
    ])
}

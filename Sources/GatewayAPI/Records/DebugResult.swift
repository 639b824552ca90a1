/// What one call of an API through the gateway showed.
public struct DebugResult: GatewayRecord {
  public let document: Document

  public init(document: Document) { self.document = document }

  public static let schema = RecordSchema(
    "debug result", summary: "What one call of an API through the gateway showed.",
    fields: [
      .init("request", "string", "The request as it was sent."),
      .init("response", "string", "The answer, cut at 2 KiB."),
      .init("latency", "integer", "How long it took, in milliseconds."),
      .init("log", "string", "Log of the back end."),
    ])
}

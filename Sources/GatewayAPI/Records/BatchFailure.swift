/// One API that a batch could not publish or take offline, and why.
public struct BatchFailure: GatewayRecord {
  public let document: Document

  public init(document: Document) { self.document = document }

  public var apiID: String? { text("api_id") }
  public var apiName: String? { text("api_name") }
  public var code: GatewayErrorCode? { text("error_code").map(GatewayErrorCode.init(rawValue:)) }
  public var message: String? { text("error_msg") }

  public static let schema = RecordSchema(
    "failure", summary: "One API that could not be published or taken offline, and why.",
    fields: [
      .init("api_id", "string", "ID of the API that failed."),
      .init("api_name", "string", "Name of the API that failed."),
      .init("error_code", "string", "Error code."),
      .init("error_msg", "string", "What went wrong."),
    ])
}

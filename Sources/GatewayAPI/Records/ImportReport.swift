/// What an import did to each path of the document.
public struct ImportReport: GatewayRecord {
  public let document: Document

  public init(document: Document) { self.document = document }

  /// The group that holds the APIs.
  public var groupID: String? { text("group_id") }
  public var success: [Document] { document["success"]?.arrayValue ?? [] }
  public var failure: [Document] { document["failure"]?.arrayValue ?? [] }
  public var ignored: [Document] { document["ignore"]?.arrayValue ?? [] }

  public static let schema = RecordSchema(
    "import report", summary: "What an import did to each path of the document.",
    fields: [
      .init("group_id", "string", "Group that holds the APIs."),
      .init("success", "list", "Paths that were imported: path, method, action (create or update), id."),
      .init("failure", "list", "Paths that were not: path, method, error_code, error_msg."),
      .init("ignore", "list", "Paths that were left out: path, method."),
      .init("swagger", "table", "The document: id, result."),
    ])
}

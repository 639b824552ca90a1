/// Makes or replaces the drafts of a group's APIs from an OpenAPI document.
///
/// Each path is carried out on its own: the answer is a success even when all of them failed.
public struct ImportDefinitions: GatewayOperation {
  public typealias Output = ImportReport

  /// What wins where the document and what the gateway has differ.
  public enum Mode: String, FieldValue, CaseIterable {
    /// What the gateway has stays; the document only adds.
    case merge
    /// The document replaces it.
    case override
  }

  /// The group to import into; nil makes a new one, named by the document's title.
  public var groupID: String?
  /// The document: JSON or YAML text, or its members.
  public var document: Document?
  public var mode: Mode?
  public var extensionMode: Mode?
  public var isSimple: Bool?
  public var hasMockBackend: Bool?
  private var makesGroup: Bool?

  /// Whether a new group is made; said to the gateway in any case, true unless a group is named.
  public var createsGroup: Bool? {
    get { makesGroup ?? (groupID == nil) }
    set { makesGroup = newValue }
  }

  public init() {}

  /// - Parameters:
  ///   - document: OpenAPI 2.0 or 3, JSON or YAML.
  ///   - groupID: the group to import into; nil makes a new one.
  public init(_ document: String, into groupID: String? = nil) {
    self.document = .string(document)
    self.groupID = groupID
  }

  public static let name = "import"

  public static let declaration = OperationDeclaration<ImportDefinitions>(
    .post, .gateway("openapi/import"), effect: .write,
    summary: "Makes or replaces APIs (their drafts) from an OpenAPI document.",
    reference: "Importing APIs",
    fields: [
      .init(
        "file_name", \.document, .file, in: .formFile, scriptName: "document", required: true,
        help: "OpenAPI document, 2.0 or 3: JSON or YAML text, or a table."),
      .init(
        "group_id", \.groupID, .reference(.group), in: .form, help: "Group to import into; else a new one is made."),
      .init(
        "api_mode", \.mode, .choice(Mode.allCases.map(\.rawValue)), in: .form, scriptName: "mode",
        help: "What wins where an API is already there: merge keeps it and adds, override replaces it."),
      .init(
        "extend_mode", \.extensionMode, .choice(Mode.allCases.map(\.rawValue)), in: .form,
        help: "The same for what x-apigateway extensions say."),
      .init("simple_mode", \.isSimple, .boolean, in: .form, help: "Take the front end alone, without any extension."),
      .init("mock_mode", \.hasMockBackend, .boolean, in: .form, help: "Give every API a mock back end."),
      .init("is_create_group", \.createsGroup, .boolean, in: .form, help: "Make a group; default unless one is named."),
    ])
}

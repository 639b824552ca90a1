/// Reads the definition that one version of an API froze.
public struct GetVersion: GatewayOperation {
  public typealias Output = APIDefinition

  public var versionID = ""

  public init() {}

  public init(versionID: String) { self.versionID = versionID }

  public static let name = "version"

  public static let declaration = OperationDeclaration<GetVersion>(
    .get, .gateway("apis/versions/{version_id}"), effect: .read,
    summary: "Reads the definition that one version of an API froze.",
    reference: "Querying the Details of an API Version",
    fields: [
      .init(
        "version_id", \.versionID, .reference(.version), in: .path, required: true,
        help: "Version to read: its ID or record.")
    ])
}

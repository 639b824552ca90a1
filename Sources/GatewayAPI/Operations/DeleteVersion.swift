/// Takes the version of an API offline that its environment runs.
public struct DeleteVersion: GatewayOperation {
  public typealias Output = NoOutput

  public var versionID = ""

  public init() {}

  public static let name = "delete_version"

  public static let declaration = OperationDeclaration<DeleteVersion>(
    .delete, .gateway("apis/versions/{version_id}"), status: 204, effect: .write, isRepeatable: true,
    summary: "Takes one version of an API offline.",
    reference: "Taking an API Version Offline",
    fields: [
      .init(
        "version_id", \.versionID, .reference(.version), in: .path, required: true, help: "Version to take offline.")
    ])
}

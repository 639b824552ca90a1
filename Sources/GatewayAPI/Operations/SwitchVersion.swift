/// Makes another kept version of an API the one in effect, in the environment that version belongs to.
public struct SwitchVersion: GatewayOperation {
  public typealias Output = Publication

  public var apiID = ""
  public var environmentID: String?
  public var versionID = ""

  public init() {}

  public init(apiID: String, versionID: String) {
    self.apiID = apiID
    self.versionID = versionID
  }

  public static let name = "switch_version"

  public static let declaration = OperationDeclaration<SwitchVersion>(
    .put, .gateway("apis/publish/{api_id}"), effect: .write, undo: .switchBack,
    summary: "Makes another kept version of an API the one in effect in its environment.",
    reference: "Switching the Version of an API",
    fields: [
      .init("api_id", \.apiID, .reference(.api), in: .path, required: true, help: "API to switch."),
      .init(
        "env_id", \.environmentID, .reference(.environment), in: .script,
        help: "Environment the version must belong to; checked first, for the request itself names none."),
      .init(
        "version_id", \.versionID, .reference(.version), in: .body, required: true,
        help: "Version to switch to: its ID, number or record, or -1 for the one before the effective one."),
    ])
}

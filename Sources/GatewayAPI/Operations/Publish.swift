/// Publishes the current definition of one API to an environment.
public struct Publish: GatewayOperation {
  public typealias Output = Publication

  public var apiID = ""
  public var environmentID = ""
  public var remark: String?

  public init() {}

  /// - Parameter remark: shown in the history, at most 255 characters.
  public init(apiID: String, environmentID: String, remark: String? = nil) {
    self.apiID = apiID
    self.environmentID = environmentID
    self.remark = remark
  }

  public static let name = "publish"

  public static let declaration = OperationDeclaration<Publish>(
    .post, .gateway("apis/action"), status: 201, effect: .write, undo: .switchBack, batchAction: .online,
    fixedBody: ["action": "online"],
    summary: "Publishes the current definition of an API to an environment: it becomes the version in effect there.",
    reference: "Publishing an API or Taking an API Offline",
    fields: [
      .init("api_id", \.apiID, .reference(.api), in: .body, required: true, help: "API to publish."),
      .init(
        "env_id", \.environmentID, .reference(.environment), in: .body, required: true,
        help: "Environment to publish into."),
      .init("remark", \.remark, .string, in: .body, maximumLength: 255, help: "Shown in the history."),
    ])
}

/// Takes one API offline in an environment.
public struct Offline: GatewayOperation {
  public typealias Output = Publication

  public var apiID = ""
  public var environmentID = ""
  public var remark: String?

  public init() {}

  /// - Parameter remark: why, at most 255 characters.
  public init(apiID: String, environmentID: String, remark: String? = nil) {
    self.apiID = apiID
    self.environmentID = environmentID
    self.remark = remark
  }

  public static let name = "offline"

  public static let declaration = OperationDeclaration<Offline>(
    .post, .gateway("apis/action"), status: 201, effect: .write, undo: .publishAgain,
    batchAction: .offline, fixedBody: ["action": "offline"],
    summary: "Takes an API offline in an environment: it can no longer be called there.",
    reference: "Publishing an API or Taking an API Offline",
    fields: [
      .init("api_id", \.apiID, .reference(.api), in: .body, required: true, help: "API to take offline."),
      .init(
        "env_id", \.environmentID, .reference(.environment), in: .body, required: true,
        help: "Environment to take it off."),
      .init("remark", \.remark, .string, in: .body, maximumLength: 255, help: "Why it goes."),
    ])
}

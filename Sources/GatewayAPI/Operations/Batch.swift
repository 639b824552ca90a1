/// Publishes several APIs to one environment, or takes them offline there, in one request.
///
/// Each API is carried out on its own: the answer is a success even when all of them failed.
public struct Batch: GatewayOperation {
  public typealias Output = BatchResult

  /// The most APIs in one request.
  public static let maximumCount = 1000

  public enum Action: String, FieldValue, CaseIterable {
    case online
    case offline
  }

  public var action: Action?
  public var apiIDs: [String]?
  public var groupID: String?
  public var environmentID = ""
  public var remark: String?

  public init() {}

  /// - Parameters:
  ///   - apiIDs: at most ``maximumCount``.
  ///   - remark: shown in the history, at most 255 characters.
  public init(action: Action, apiIDs: [String], environmentID: String, remark: String? = nil) {
    self.action = action
    self.apiIDs = apiIDs
    self.environmentID = environmentID
    self.remark = remark
  }

  public static let name = "batch"

  public static let declaration = OperationDeclaration<Batch>(
    .post, .gateway("apis/publish"), effect: .write, undo: .switchBack,
    summary: "Publishes several APIs to an environment, or takes them offline there, in one request.",
    reference: "Publishing APIs or Taking APIs Offline in Batches",
    fields: [
      .init(
        "action", \.action, .choice(Action.allCases.map(\.rawValue)), in: .query, required: true,
        help: "\"online\" publishes, \"offline\" takes offline."),
      .init(
        "apis", \.apiIDs, .references(.api, maximumCount: maximumCount), in: .body,
        help: "APIs to publish or take offline."),
      .init(
        "group_id", \.groupID, .reference(.group), in: .body, only: .apigw,
        help: "All APIs of this group, instead of 'apis'."),
      .init("env_id", \.environmentID, .reference(.environment), in: .body, required: true, help: "Environment."),
      .init("remark", \.remark, .string, in: .body, maximumLength: 255, help: "Shown in the history."),
    ])
}

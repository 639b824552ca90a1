/// Lists the project's gateways.
public struct ListGateways: PagedOperation {
  public typealias Element = GatewayInstance
  public typealias Output = Page<GatewayInstance>

  public var instanceID: String?
  public var instanceName: String?
  public var status: String?
  public var offset: Int?
  public var limit: Int?

  public init() {}

  public static let name = "gateways"

  public static let declaration = OperationDeclaration<ListGateways>(
    .get, .project(apigw: "apigw/instances", apic: "instances"), effect: .read,
    summary: "Lists the project's gateways.",
    reference: "Querying Gateways",
    fields: [
      .init("instance_id", \.instanceID, .string, in: .query, only: .apigw, help: "Only the gateway with this ID."),
      .init("instance_name", \.instanceName, .string, in: .query, only: .apigw, help: "Only this name."),
      .init("status", \.status, .string, in: .query, help: "Only this status, such as Running."),
      .init("offset", \.offset, .integer, in: .query, help: "How many to leave out."),
      .init("limit", \.limit, .integer, in: .query, help: "The most to return; all without it."),
    ])
}

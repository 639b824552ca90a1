/// Reads the gateway itself.
public struct GetGateway: GatewayOperation {
  public typealias Output = GatewayInstance

  public init() {}

  public static let name = "instance"

  public static let declaration = OperationDeclaration<GetGateway>(
    .get, .project(apigw: "apigw/instances/{instance_id}", apic: "instances/{instance_id}"), effect: .read,
    summary: "Reads the details of the gateway itself.",
    reference: "Querying Gateway Details",
    fields: [])
}

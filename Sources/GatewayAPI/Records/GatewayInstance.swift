/// A gateway of the project (an "instance" in the documentation).
public struct GatewayInstance: GatewayRecord {
  public let document: Document

  public init(document: Document) { self.document = document }

  public var id: String? { text("id") }
  public var name: String? { text("instance_name") ?? text("name") }

  public static let schema = RecordSchema(
    "gateway", listName: "instances", summary: "A gateway of the project.",
    fields: [
      .init("id", "string", "Gateway ID."),
      .init("instance_name", "string", "Gateway name."),
      .init("project_id", "string", "Project it belongs to."),
      .init("status", "string", "Status: Running, Creating, …"),
      .init("instance_status", "integer", "The same as a number."),
      .init("type", "string", "Kind of gateway."),
      .init("spec", "string", "Edition."),
      .init("create_time", "integer", "When it was made, milliseconds since 1970."),
      .init("enterprise_project_id", "string", "Enterprise project."),
      .init("eip_address", "string", "Public address."),
      .init("charging_mode", "integer", "How it is paid for."),
      .init("cbc_metadata", "string", "Order of a yearly or monthly gateway."),
      .init("cbc_operation_locks", "list", "Locks that billing holds on it."),
      .init("loadbalancer_provider", "string", "Kind of its load balancer."),
      .init("description", "string", "Description."),
      .init("name", "string", "Gateway name (ROMA Connect)."),
      .init("flavor_id", "string", "Edition (ROMA Connect)."),
      .init("flavor_type", "string", "Edition's name (ROMA Connect)."),
      .init("cpu_arch", "string", "Processor (ROMA Connect)."),
      .init("vpc_id", "string", "Network (ROMA Connect)."),
      .init("subnet_id", "string", "Subnet (ROMA Connect)."),
      .init("security_group_id", "string", "Security group (ROMA Connect)."),
      .init("publicip_enable", "boolean", "Whether it has a public address (ROMA Connect)."),
      .init("publicip_id", "string", "ID of the public address (ROMA Connect)."),
      .init("publicip_address", "string", "Public address (ROMA Connect)."),
      .init("error_code", "string", "Why it failed (ROMA Connect)."),
      .init("error_msg", "string", "Why it failed (ROMA Connect)."),
      .init("charge_type", "string", "How it is paid for (ROMA Connect)."),
      .init("update_time", "string", "When it last changed (ROMA Connect)."),
      .init("maintain_begin", "string", "Begin of the maintenance window (ROMA Connect)."),
      .init("maintain_end", "string", "End of the maintenance window (ROMA Connect)."),
      .init("available_zone_ids", "list", "Availability zones (ROMA Connect)."),
    ])
}

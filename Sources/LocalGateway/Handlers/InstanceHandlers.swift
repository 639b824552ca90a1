internal import GatewayAPI

extension Handlers {
  /// The gateway itself: there is one.
  mutating func addInstances() {
    on(ListGateways.self) { call, _ in
      let gateway = instance(call, id: localInstanceID)
      let filters = [("status", "status"), ("instance_id", "id"), ("instance_name", "instance_name")]
      let isWanted = filters.allSatisfy { field, member in
        guard let text = call.text(field) else { return true }
        return gateway[member]?.stringValue == text
      }
      let paging = Paging(call)
      let isOnPage = isWanted && paging.offset == 0
      return paging.document("instances", isOnPage ? [gateway] : [], total: isWanted ? 1 : 0)
    }
    on(GetGateway.self) { call, _ in instance(call, id: call.instanceID) }
  }
}

/// The ID of the only instance.
let localInstanceID = "local"

@Sendable private func instance(_ call: Call, id: String) -> Document {
  switch call.product {
  case .apigw:
    [
      "id": .string(id), "project_id": .string(call.projectID), "instance_name": "local", "status": "Running",
      "instance_status": 6, "type": "apig", "spec": "BASIC", "create_time": 1_600_000_000_000,
      "enterprise_project_id": "0", "eip_address": "", "charging_mode": 0, "cbc_metadata": "",
      "loadbalancer_provider": "lvs", "cbc_operation_locks": [], "description": "the local gateway",
    ]
  case .apic:
    [
      "id": .string(id), "name": "local", "description": "the local gateway", "flavor_id": "00300-30101-0--0",
      "flavor_type": "basic", "cpu_arch": "x86_64", "publicip_enable": false, "status": "Running",
      "charge_type": "postPaid", "project_id": .string(call.projectID), "create_time": "2020-09-13T12:26:40Z",
      "update_time": "2020-09-13T12:26:40Z", "maintain_begin": "22:00:00", "maintain_end": "02:00:00",
      "available_zone_ids": [], "enterprise_project_id": "0",
    ]
  }
}

internal import GRDB
internal import GatewayAPI

/// The batch operation: each API on its own, in the order of the request, each once.
struct BatchHandler {
  let call: Call
  let transaction: Transaction

  func document() throws -> Document {
    let environmentID = try EnvironmentRow.get(call.required("env_id"), transaction.db).id
    var success: [Document] = []
    var failure: [Document] = []
    for apiID in try apiIDs() {
      do {
        success.append(try carryOut(apiID, environmentID))
      } catch let fault as Fault {
        failure.append(try entry(apiID, fault))
      }
    }
    return ["success": .array(success), "failure": .array(failure)]
  }

  private func apiIDs() throws -> [String] {
    if let listed = call.values["apis"]?.arrayValue {
      var seen: Set<String> = []
      return listed.compactMap(\.stringValue).filter { seen.insert($0).inserted }
    }
    guard let groupID = call.text("group_id") else { throw Fault.missing("apis") }
    _ = try GroupRow.get(groupID, transaction.db)
    return try String.fetchAll(
      transaction.db, sql: "SELECT id FROM api WHERE group_id = ? ORDER BY register_time, id", arguments: [groupID])
  }

  private func carryOut(_ apiID: String, _ environmentID: String) throws -> Document {
    let remark = call.text("remark")
    if call.text("action") == Batch.Action.offline.rawValue {
      return try transaction.publications.takeOffline(apiID, in: environmentID, remark: remark)
    }
    return try transaction.publications.publish(apiID, in: environmentID, remark: remark)
  }

  private func entry(_ apiID: String, _ fault: Fault) throws -> Document {
    var members = fault.document.objectValue ?? [:]
    members["api_id"] = .string(apiID)
    if let api = try APIRow.fetchOne(transaction.db, key: apiID) { members["api_name"] = .string(api.name) }
    return .object(members)
  }
}

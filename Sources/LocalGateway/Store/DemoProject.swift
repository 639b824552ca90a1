internal import GRDB
internal import GatewayAPI

/// What a new gateway holds, so that there is something to release: seven of eight payment APIs run in RELEASE, two of
/// them have a newer draft, one was never published.
enum DemoProject {
  private static let paymentAPIs: [(name: String, method: String, path: String)] = [
    ("pay-create", "POST", "/payments"), ("pay-refund", "POST", "/payments/{id}/refund"),
    ("pay-webhook", "POST", "/payments/webhook"), ("pay-status", "GET", "/payments/{id}"),
    ("pay-cancel", "POST", "/payments/{id}/cancel"), ("pay-methods", "GET", "/payments/methods"),
    ("pay-quote", "POST", "/payments/quote"), ("pay-report", "GET", "/payments/report"),
  ]
  private static let orderAPIs: [(name: String, method: String, path: String)] = [
    ("order-create", "POST", "/orders"), ("order-list", "GET", "/orders"), ("order-show", "GET", "/orders/{id}"),
  ]
  private static let day: Int64 = 86_400

  /// Fills a store that holds nothing yet.
  static func make(in db: Database, now: Timestamp, withAPIs: Bool) throws {
    let start = Timestamp(seconds: now.seconds - 90 * day)
    try makeEnvironments(db, start)
    guard withAPIs else { return }
    try makeGroup("payments", paymentAPIs, db, start)
    try makeGroup("orders", orderAPIs, db, start)
    for (index, api) in paymentAPIs.enumerated() where api.name != "pay-webhook" {
      let releases: [Int64] = index % 2 == 0 ? [60, 20, 3] : [60, 3]
      for days in releases { try publish(api.name, in: "RELEASE", daysAgo: days, "weekly release", db, now) }
    }
    for name in ["pay-create", "pay-refund", "pay-status"] {
      try publish(name, in: "STAGING", daysAgo: 2, "try-out", db, now)
    }
    for api in orderAPIs { try publish(api.name, in: "RELEASE", daysAgo: 10, "weekly release", db, now) }
    // Since then two of them were changed.
    for name in ["pay-create", "pay-refund"] {
      try db.execute(
        sql: "UPDATE api SET update_time = ?, definition = json_set(definition, '$.remark', ?) WHERE id = ?",
        arguments: [
          Timestamp(seconds: now.seconds - day / 2).text, "\(name), second edition", Identifier.stable(name),
        ])
    }
  }

  private static func makeEnvironments(_ db: Database, _ start: Timestamp) throws {
    let names = [
      (GatewayEnvironment.releaseID, "RELEASE"), (Identifier.stable("STAGING"), "STAGING"),
      (Identifier.stable("TEST"), "TEST"),
    ]
    for (index, (id, name)) in names.enumerated() {
      let time = Timestamp(seconds: start.seconds + Int64(index))
      try EnvironmentRow(id: id, name: name, remark: "", create_time: time.text).insert(db)
    }
  }

  private static func makeGroup(
    _ name: String, _ apis: [(name: String, method: String, path: String)], _ db: Database, _ start: Timestamp
  ) throws {
    let id = Identifier.stable(name)
    try GroupRow(id: id, name: name, remark: "demo", register_time: start.text, update_time: start.text).insert(db)
    for api in apis {
      let definition: Document = [
        "name": .string(api.name), "type": 1, "version": "V0.0.1", "req_protocol": "HTTPS",
        "req_method": .string(api.method), "req_uri": .string(api.path), "auth_type": "NONE", "backend_type": "MOCK",
        "group_id": .string(id), "match_mode": "NORMAL", "remark": .string("\(api.name), first edition"),
        "tags": ["demo"],
        "mock_info": ["result_content": .string("{\"api\":\"\(api.name)\",\"ok\":true}"), "version": "V0.0.1"],
      ]
      try APIRow(
        id: Identifier.stable(api.name), group_id: id, name: api.name, definition: definition.jsonText,
        register_time: start.text, update_time: start.text
      ).insert(db)
    }
  }

  private static func publish(
    _ name: String, in environment: String, daysAgo days: Int64, _ remark: String, _ db: Database, _ now: Timestamp
  ) throws {
    let environmentID = environment == "RELEASE" ? GatewayEnvironment.releaseID : Identifier.stable(environment)
    let moment = Timestamp(seconds: now.seconds - days * day)
    let store = PublicationStore(db: db, rules: PublicationState.Rules(), now: moment)
    _ = try store.publish(Identifier.stable(name), in: environmentID, remark: remark)
  }
}

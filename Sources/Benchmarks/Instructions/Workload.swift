import GatewayAPI
import GatewaySigning
import LuaRuntime
import RunJournal
import ScriptAnalysis

/// What is counted: done as often as it is told, the same every time.
enum Workload: String, CaseIterable {
  case sign, verify, listing, journal, check

  struct Failure: Error {}

  func run(_ count: Int) async throws {
    switch self {
    case .sign: try repeating(count) { signed().headers.count > 3 }
    case .verify:
      let request = signed()
      let now = Self.date
      try repeating(count) {
        try RequestVerifier().verify(request, credential: Self.credential, now: now)
        return true
      }
    case .listing:
      let body = Self.page.json
      try repeating(count) { try Page<API>(response: GatewayResponse(status: 200, body: body)).items.count == 20 }
    case .journal:
      try repeating(count) {
        try JournalEntry.requireReadable(Self.entry, of: "publish pay-create")
        return try Document(json: Self.entry.json) == Self.entry
      }
    case .check:
      let checker = try await ScriptChecker()
      let chunk = LuaChunk(name: "release.lua", source: Self.script)
      for _ in 0..<count {
        guard try await checker.findings(in: chunk).isEmpty else { throw Failure() }
      }
    }
  }

  private func repeating(_ count: Int, _ body: () throws -> Bool) throws {
    for _ in 0..<count { guard try body() else { throw Failure() } }
  }

  private static let credential = Credential(accessKey: "local", secretKey: "local-secret")
  private static let date = SigningDate(secondsSince1970: 1_795_000_000)

  private func signed() -> SignableRequest {
    var request = SignableRequest(
      method: "POST", path: "/v2/73d69ae0cfcf460190522d06b60f05ad/apigw/instances/eddc4d25/apis/action",
      headers: [("Host", "apig.example.com"), ("Content-Type", "application/json"), ("User-Agent", "apig-lua")],
      body: Self.entry.json)
    RequestSigner(credential: Self.credential).sign(&request, at: Self.date)
    return request
  }

  private static let script = """
    local apig = require "apig"
    apig.playbook { name = "release", version = "1.1.0", summary = "Publishes what changed." }
    local p = apig.params {
      group = { type = "group", required = true, help = "API group to release" },
      env = { type = "env", default = "RELEASE", help = "environment to publish into" },
    }
    local changed = apig.select { group = p.group, changed_in = p.env }
    if #changed == 0 then
      apig.log.info("nothing to do: %s runs the current definition of every API of %s", p.env, p.group)
      return { published = 0 }
    end
    for wave, apis in apig.waves(changed, { "10%", "50%", "100%" }) do
      local done = apig.publish { apis = apis, env = p.env, remark = ("wave %d"):format(wave) }
      apig.log.info("%d APIs run in %s", #done.success, p.env)
    end
    return { published = #changed }
    """

  /// What a publish leaves in the journal.
  private static let entry: Document = [
    "answer": [
      "api_id": "0f83d8c6ef2c4d41a6b3d2a1c90f0001", "api_name": "pay-create",
      "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "publish_id": "40e7162dc6b94bbbbb1a60d2a24b1b0c",
      "publish_time": "2026-11-20T10:15:02.265228Z", "version_id": "ee1a5a38d3d3493abf1dc4ed6cacfa0b",
      "remark": "weekly release",
    ]
  ]

  private static let page: Document = [
    "total": 20, "size": 20,
    "apis": .array(
      (1...20).map { number in
        [
          "id": .string("0f83d8c6ef2c4d41a6b3d2a1c90f00\(number)"), "name": .string("pay-\(number)"), "type": 1,
          "version": "v1", "req_protocol": "HTTPS", "req_method": "GET", "req_uri": .string("/pay/\(number)"),
          "auth_type": "NONE", "match_mode": "NORMAL", "backend_type": "MOCK", "cors": false, "remark": "",
          "group_id": "ef446d7451050f783854baded55fedbf", "group_name": "payments", "status": 1,
          "run_env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "run_env_name": "RELEASE", "tags": ["weekly"],
          "publish_id": "40e7162dc6b94bbbbb1a60d2a24b1b0c", "publish_time": "2026-11-20T10:15:02.265228Z",
          "register_time": "2026-11-20T10:15:02.265228Z", "update_time": "2026-11-20T10:15:02.265228Z",
        ]
      }),
  ]
}

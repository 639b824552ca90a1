internal import GatewayAPI

/// What answers for an API: its mock, or a note on whom the real gateway would call.
struct Backend: Sendable {
  let status: Int
  let headers: [(name: String, value: String)]
  let contentType: String
  let body: [UInt8]

  /// - Parameter definition: the members of an API's definition.
  init(_ definition: [String: Document]) {
    let type = definition["backend_type"]?.stringValue ?? "MOCK"
    guard type == "MOCK" else {
      let note: Document = [
        "gateway": "local", "backend_type": .string(type), "would_call": .string(Self.target(type, definition)),
        "message": "a local gateway calls no backend",
      ]
      (status, headers, contentType, body) = (200, [], "application/json", note.json)
      return
    }
    let mock = definition["mock_info"]
    let content = Array((mock?["result_content"]?.stringValue ?? "").utf8)
    let given = (mock?["header"]?.arrayValue ?? []).compactMap { header -> (name: String, value: String)? in
      guard let name = header["key"]?.stringValue, let value = header["value"]?.stringValue else { return nil }
      return (name, value)
    }
    let statusCode = mock?["status_code"]?.integerValue ?? 200
    status = (200...599).contains(statusCode) ? statusCode : 200
    headers = given.filter { !Self.notPassedOn.contains($0.name.lowercased()) }
    contentType =
      given.first { $0.name.lowercased() == "content-type" }?.value
      ?? ((try? Document(json: content)) == nil ? "text/plain; charset=utf-8" : "application/json")
    body = content
  }

  /// The body has its own type; the others belong to the connection, and would contradict what is sent on it.
  private static let notPassedOn: Set = [
    "connection", "content-length", "content-type", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
  ]

  private static func target(_ type: String, _ definition: [String: Document]) -> String {
    if type == "FUNCTION" { return definition["func_info"]?["function_urn"]?.stringValue ?? "a function" }
    guard let api = definition["backend_api"] else { return "an HTTP backend" }
    let scheme = (api["req_protocol"]?.stringValue ?? "HTTP").lowercased()
    let channel = api["vpc_channel_info"]?["vpc_channel_id"]?.stringValue
    let host = channel.map { "channel \($0) " } ?? "\(scheme)://\(api["url_domain"]?.stringValue ?? "")"
    return "\(api["req_method"]?.stringValue ?? "ANY") \(host)\(api["req_uri"]?.stringValue ?? "/")"
  }

  func reply(for route: Route) -> Reply {
    Reply(status: status, body: .file(body, contentType: contentType), headers: headers + route.headers)
  }
}

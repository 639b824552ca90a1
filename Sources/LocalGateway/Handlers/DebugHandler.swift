internal import GRDB
internal import GatewayAPI
internal import NIOHTTP1

/// The debugging call: an API's draft, or what an environment runs of it, called once.
struct DebugHandler {
  let call: Call
  let transaction: Transaction

  /// The most of an answer that is shown, in bytes.
  private static let maximumAnswer = 2048

  func document() throws -> Document {
    let api = try APIRow.get(call.required("api_id"), transaction.db)
    let method = try call.required("method")
    let path = try call.required("path")
    let route = try route(of: api)
    let reply =
      route.flatMap { $0.takes(method: method, path: path) ? $0.backend.reply(for: $0) : nil }
      ?? Fault(
        404, GatewayErrorCode(rawValue: "APIG.0101"),
        "The API does not exist or has not been published in the environment"
      ).reply
    let domain = try GroupRow.get(api.group_id, transaction.db).domain
    return [
      "request": .string(request(method, path, domain)), "response": .string(text(of: reply)), "latency": 0, "log": "",
    ]
  }

  private func route(of api: APIRow) throws -> Route? {
    guard call.text("mode") != "DEVELOPER" else {
      return Route(apiID: api.id, groupID: api.group_id, definition: api.definition, version: nil)
    }
    let stage = call.text("stage") ?? "RELEASE"
    guard let environment = try EnvironmentRow.filter(Column("name") == stage).fetchOne(transaction.db) else {
      return nil
    }
    return try EffectChanges.route(of: api.id, in: environment.id, at: .max, transaction.db)
  }

  private func request(_ method: String, _ path: String, _ domain: String) -> String {
    let query = pairs("query").map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }.joined(separator: "&")
    let headers = [(name: "Host", value: domain)] + pairs("header")
    let lines =
      ["\(method) \(path)\(query.isEmpty ? "" : "?" + query) HTTP/1.1"]
      + headers.map { "\($0.name): \($0.value)" } + ["", call.text("body") ?? ""]
    return lines.joined(separator: "\r\n")
  }

  /// Names with lists of values, one pair each.
  private func pairs(_ field: String) -> [(name: String, value: String)] {
    (call.values[field]?.objectValue ?? [:]).sorted { $0.key < $1.key }.flatMap { name, values in
      (values.arrayValue ?? [values]).compactMap { value in value.stringValue.map { (name, $0) } }
    }
  }

  private func text(of reply: Reply) -> String {
    let (contentType, body): (String, [UInt8]) =
      switch reply.body {
      case .none: ("text/plain", [])
      case .json(let document): ("application/json", document.json)
      case .file(let content, let contentType): (contentType, content)
      }
    let status = HTTPResponseStatus(statusCode: reply.status)
    let lines =
      ["HTTP/1.1 \(reply.status) \(status.reasonPhrase)", "Content-Type: \(contentType)"]
      + reply.headers.map { "\($0.name): \($0.value)" } + ["", String(decoding: body, as: UTF8.self)]
    return String(decoding: Array(lines.joined(separator: "\r\n").utf8.prefix(Self.maximumAnswer)), as: UTF8.self)
  }
}

import AsyncHTTPClient
import Foundation
import GatewayAPI
import GatewaySigning
import LocalGateway
import NIOCore
import NIOHTTP1

/// Plain HTTP to a local gateway: what any client could send.
struct LocalGatewayHarness: Sendable {
  static let base = "/v2/p0/apigw/instances/local"

  let url: String

  struct Answer: Sendable {
    let status: Int
    private let headers: HTTPHeaders
    let body: [UInt8]

    init(status: Int, headers: HTTPHeaders, body: [UInt8]) {
      self.status = status
      self.headers = headers
      self.body = body
    }

    func header(_ name: String) -> String? { headers.first(name: name) }

    var document: Document { (try? Document(json: body)) ?? .null }
    var code: String? { document["error_code"]?.stringValue }
  }

  static func with<Value: Sendable>(
    _ change: @Sendable (inout LocalGatewayConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (LocalGatewayHarness) async throws -> Value
  ) async throws -> Value {
    var configuration = LocalGatewayConfiguration(storage: .memory)
    change(&configuration)
    return try await withLocalGateway(configuration) { try await body(LocalGatewayHarness(url: $0)) }
  }

  /// Sends a request with the demo's token, unless other headers are given.
  func send(
    _ method: String, _ path: String, _ body: String? = nil,
    headers: [(String, String)] = [("X-Auth-Token", LocalGatewayConfiguration.demoToken)],
    contentType: String = "application/json"
  ) async throws -> Answer {
    var request = HTTPClientRequest(url: url + path)
    request.method = NIOHTTP1.HTTPMethod(rawValue: method)
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body {
      request.headers.replaceOrAdd(name: "Content-Type", value: contentType)
      request.body = .bytes(Array(body.utf8))
    }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
    let bytes = try await response.body.collect(upTo: 16 << 20)
    return Answer(
      status: Int(response.status.code), headers: response.headers, body: Array(bytes.readableBytesView))
  }

  func publish(_ api: String, in environment: String = GatewayEnvironment.releaseID) async throws -> Answer {
    try await send(
      "POST", Self.base + "/apis/action",
      "{\"action\":\"online\",\"api_id\":\"\(api)\",\"env_id\":\"\(environment)\"}")
  }

  /// The demo's API of a name.
  func apiID(_ name: String) async throws -> String {
    let answer = try await send("GET", Self.base + "/apis?name=\(name)&precise_search=name")
    return answer.document["apis"]?.arrayValue?.first?["id"]?.stringValue ?? ""
  }

  /// Imports a document, into a new group unless one is given.
  func importing(
    _ document: String, into group: String? = nil, _ fields: [String: String] = [:]
  ) async throws -> Answer {
    var lines: [String] = []
    func part(_ head: String, _ content: String) {
      lines += ["--B", "Content-Disposition: form-data; \(head)", "", content]
    }
    part("name=\"is_create_group\"", group == nil ? "true" : "false")
    if let group { part("name=\"group_id\"", group) }
    for (name, value) in fields { part("name=\"\(name)\"", value) }
    part("name=\"file_name\"; filename=\"a\"", document)
    lines += ["--B--", ""]
    return try await send(
      "POST", Self.base + "/openapi/import", lines.joined(separator: "\r\n"),
      contentType: "multipart/form-data; boundary=B")
  }

  /// Exports a group's drafts, unless told otherwise.
  func exporting(
    _ group: String, define: String = "dev", type: String = "json", version: String = "3.0",
    environment: String = GatewayEnvironment.releaseID
  ) async throws -> Answer {
    let body: Document = [
      "group_id": .string(group), "env_id": .string(environment), "define": .string(define), "type": .string(type),
      "version": "1",
    ]
    return try await send("POST", Self.base + "/openapi/export?oas_version=\(version)", body.jsonText)
  }

  /// The definitions of a group's drafts by name, without what no import can give back.
  func definitions(of group: String) async throws -> [String: Document] {
    let list = try await send("GET", Self.base + "/apis?group_id=\(group)&limit=500")
    var definitions: [String: Document] = [:]
    for api in list.document["apis"]?.arrayValue ?? [] {
      guard let id = api["id"]?.stringValue, let name = api["name"]?.stringValue else { continue }
      var members = try await send("GET", Self.base + "/apis/\(id)").document.objectValue ?? [:]
      for member in ["id", "group_id", "group_name", "register_time", "update_time"] { members[member] = nil }
      definitions[name] = .object(members)
    }
    return definitions
  }
}

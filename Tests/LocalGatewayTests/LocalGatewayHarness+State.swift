import Foundation
import GatewayAPI
import LocalGateway

extension LocalGatewayHarness {
  /// How many versions an API has in all environments.
  func versionCount(_ api: String) async throws -> Int? {
    try await send("GET", Self.base + "/apis/publish/\(api)").document["total"]?.integerValue
  }

  /// Lines of the request log.
  func requests(_ query: String = "") async throws -> [Document] {
    try await send("GET", "/_local/requests?\(query)", headers: []).document["requests"]?.arrayValue ?? []
  }

  func setClock(_ body: String) async throws -> Answer { try await send("PUT", "/_local/clock", body, headers: []) }

  /// A configuration with a data file of its own, which is gone afterwards.
  static func withFile(_ body: (LocalGatewayConfiguration) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(LocalGatewayConfiguration(storage: .file(folder.appending(path: "data.db").path)))
  }
}

extension LocalGatewayHarness {
  /// Calls a published API: no credential of the management API goes along.
  func call(_ method: String, _ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
    try await send(method, path, headers: headers.map { ($0.key, $0.value) })
  }

  func takeOffline(_ api: String, in environment: String = GatewayEnvironment.releaseID) async throws -> Answer {
    try await send(
      "POST", Self.base + "/apis/action",
      "{\"action\":\"offline\",\"api_id\":\"\(api)\",\"env_id\":\"\(environment)\"}")
  }
}

extension LocalGatewayHarness.Answer {
  var text: String { String(decoding: body, as: UTF8.self) }
}

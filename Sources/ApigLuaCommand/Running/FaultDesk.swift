internal import AsyncHTTPClient
internal import GatewayAPI
internal import Glibc
internal import LocalGateway
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Where fault rules are put in: a gateway that runs, or the data file of one that does not.
enum FaultDesk: Sendable {
  case running(url: String)
  case file(FaultFile)

  typealias Entry = (rule: String, matched: Int, fired: Int)

  func entries() async throws -> [Entry] {
    switch self {
    case .file(let file): return try await file.entries().map { ($0.rule, $0.matched, $0.fired) }
    case .running:
      let answer = try await ask(.GET)
      return (answer["faults"]?.arrayValue ?? []).map { entry in
        (
          entry["rule"]?.stringValue ?? "", entry["matched"]?.integerValue ?? 0, entry["fired"]?.integerValue ?? 0
        )
      }
    }
  }

  func add(_ rules: [FaultRule]) async throws {
    switch self {
    case .file(let file): try await file.add(rules)
    case .running: _ = try await ask(.POST, ["rules": .array(rules.map { .string($0.description) })])
    }
  }

  func clear() async throws {
    switch self {
    case .file(let file): try await file.clear()
    case .running: _ = try await ask(.DELETE)
    }
  }

  /// - Throws: ``UnreachableGateway``.
  private func ask(_ method: NIOHTTP1.HTTPMethod, _ body: Document? = nil) async throws -> Document {
    guard case .running(let url) = self else { return .null }
    var request = HTTPClientRequest(url: url + (url.hasSuffix("/") ? "" : "/") + "_local/faults")
    request.method = method
    // Asked for where others can reach the gateway.
    request.headers.add(name: "X-Auth-Token", value: LocalGatewayConfiguration.demoToken)
    if let body {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(body.json)
    }
    let response: HTTPClientResponse
    let bytes: ByteBuffer
    do {
      // Where nobody listens now, nobody will within seconds.
      var configuration = HTTPClient.Configuration()
      configuration.connectionPool.retryConnectionEstablishment = false
      (response, bytes) = try await HTTPClient.withHTTPClient(configuration: configuration) { client in
        let response = try await client.execute(request, timeout: .seconds(10))
        return (response, try await response.body.collect(upTo: 16 << 20))
      }
    } catch {
      throw UnreachableGateway(
        message: "no local gateway answers at \(url): \(error)", hint: "apig-lua local start runs one",
        isAbsent: (error as? IOError)?.errnoCode == ECONNREFUSED || error is NIOConnectionError)
    }
    let document = (try? Document(json: Array(bytes.readableBytesView))) ?? .null
    guard (200..<300).contains(response.status.code) else {
      let reason = (document["error"] ?? document["error_msg"])?.stringValue ?? "it gives no reason"
      throw UnreachableGateway(
        message: "\(url) answers HTTP \(response.status.code): \(reason)",
        hint: response.status == .notFound
          ? "is it a local gateway, started without --no-admin, and with --admin where others can reach it?" : nil)
    }
    return document
  }
}

/// A running gateway that cannot be talked to.
struct UnreachableGateway: Error {
  let message: String
  let hint: String?
  /// Whether nothing takes connections there.
  var isAbsent = false
}

internal import AsyncHTTPClient
internal import GatewayAPI
internal import Glibc
internal import LocalGateway
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The admin routes of a local gateway that runs.
struct LocalAdmin: Sendable {
  let url: String
  /// Asks; nil for a client that is made for each question.
  var client: HTTPClient?

  /// - Parameter path: behind `/_local/`: `faults`, `state`.
  /// - Throws: ``UnreachableGateway``.
  func ask(_ method: GatewayAPI.HTTPMethod, _ path: String, _ body: Document? = nil) async throws -> Document {
    var request = HTTPClientRequest(url: url + (url.hasSuffix("/") ? "" : "/") + "_local/" + path)
    request.method = NIOHTTP1.HTTPMethod(rawValue: method.rawValue)
    // Asked for where others can reach the gateway.
    request.headers.add(name: "X-Auth-Token", value: LocalGatewayConfiguration.demoToken)
    if let body {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(body.json)
    }
    let response: HTTPClientResponse
    let bytes: ByteBuffer
    do {
      if let client {
        (response, bytes) = try await Self.send(request, by: client)
      } else {
        // Where nobody listens now, nobody will within seconds.
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        (response, bytes) = try await HTTPClient.withHTTPClient(configuration: configuration) {
          try await Self.send(request, by: $0)
        }
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

  private static func send(
    _ request: HTTPClientRequest, by client: HTTPClient
  ) async throws -> (HTTPClientResponse, ByteBuffer) {
    let response = try await client.execute(request, timeout: .seconds(10))
    return (response, try await response.body.collect(upTo: 64 << 20))
  }
}

/// A running gateway that cannot be talked to.
struct UnreachableGateway: Error {
  let message: String
  let hint: String?
  /// Whether nothing takes connections there.
  var isAbsent = false
}

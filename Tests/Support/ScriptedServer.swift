import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A request as it arrived, byte for byte.
public struct ReceivedRequest: Sendable {
  public let method: String
  /// Path and query as they were sent.
  public let target: String
  public let headers: [(name: String, value: String)]
  public let body: [UInt8]

  public var path: String { String(target.split(separator: "?", maxSplits: 1).first ?? "") }
  public var query: String { target.contains("?") ? String(target.split(separator: "?", maxSplits: 1)[1]) : "" }
  public var bodyText: String { String(decoding: body, as: UTF8.self) }

  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// What the server sends back.
public enum ScriptedAnswer: Sendable {
  /// A whole answer with a JSON body.
  case json(Int, String)
  /// These bytes; then the connection is closed.
  case bytesThenClose([UInt8])
  /// Nothing: the connection is closed at once.
  case close
  /// Nothing, ever.
  case silence
  /// Whatever the function writes, as it writes it; then the connection is closed.
  case writing(@Sendable (_ write: @Sendable ([UInt8]) async throws -> Void) async throws -> Void)
}

/// A server on a real socket that answers as a test says, and keeps what it got.
public final class ScriptedServer: Sendable {
  public let url: String
  private let received = Mutex<[ReceivedRequest]>([])

  init(url: String) { self.url = url }

  /// What has arrived so far, in order.
  public var requests: [ReceivedRequest] { received.withLock { $0 } }

  func keep(_ request: ReceivedRequest) { received.withLock { $0.append(request) } }
}

/// Runs a server for as long as the body runs.
///
/// - Parameters:
///   - certificate: PEM files of a certificate and its key, for TLS.
///   - answer: what each request gets.
public func withScriptedServer<Value: Sendable>(
  certificate: (chain: String, key: String)? = nil,
  answer: @escaping @Sendable (ReceivedRequest) async -> ScriptedAnswer,
  _ body: @escaping @Sendable (ScriptedServer) async throws -> Value
) async throws -> Value {
  let tls = try certificate.map { try TLS(chain: $0.chain, key: $0.key) }
  let scheme = tls == nil ? "http" : "https"
  return try await withListener { port in
    ScriptedServer(url: "\(scheme)://127.0.0.1:\(port)")
  } serve: { channel, server in
    try await serve(channel, tls, server, answer)
  } body: {
    try await body($0)
  }
}

private struct TLS: Sendable {
  let context: NIOSSLContext

  init(chain: String, key: String) throws {
    let certificates = try NIOSSLCertificate.fromPEMFile(chain).map { NIOSSLCertificateSource.certificate($0) }
    let privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
    context = try NIOSSLContext(
      configuration: .makeServerConfiguration(certificateChain: certificates, privateKey: .privateKey(privateKey)))
  }
}

private func serve(
  _ channel: any Channel, _ tls: TLS?, _ server: ScriptedServer,
  _ answer: @Sendable (ReceivedRequest) async -> ScriptedAnswer
) async throws {
  let connection = try await channel.opened { channel in
    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.context)) }
  }
  try await connection.executeThenClose { inbound, outbound in
    var buffer: [UInt8] = []
    for try await part in inbound {
      buffer += Array(part.readableBytesView)
      while let request = RequestParser.take(&buffer) {
        server.keep(request)
        switch await answer(request) {
        case .json(let status, let body):
          let head = "HTTP/1.1 \(status) Status\r\nContent-Type: application/json\r\nX-Request-Id: scripted-1\r\n"
          try await outbound.write(ByteBuffer(string: head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body))
        case .bytesThenClose(let bytes):
          try await outbound.write(ByteBuffer(bytes: bytes))
          return
        case .close: return
        case .silence: break
        case .writing(let produce):
          try await produce { try await outbound.write(ByteBuffer(bytes: $0)) }
          return
        }
      }
    }
  }
}

/// Takes whole requests off the front of a buffer.
enum RequestParser {
  static func take(_ buffer: inout [UInt8]) -> ReceivedRequest? {
    guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n").map(String.init)
    let start = lines.first?.split(separator: " ").map(String.init) ?? []
    let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
      let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      return pair.count == 2 ? (String(pair[0]), String(pair[1].drop { $0 == " " })) : nil
    }
    let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
    guard start.count == 3, buffer.count >= end.upperBound + length else { return nil }
    let body = Array(buffer[end.upperBound..<end.upperBound + length])
    buffer.removeFirst(end.upperBound + length)
    return ReceivedRequest(method: start[0], target: start[1], headers: headers, body: body)
  }
}

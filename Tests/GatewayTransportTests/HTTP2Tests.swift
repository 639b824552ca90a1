import GatewayAPI
import GatewayTestSupport
import GatewayTransport
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct HTTP2Tests {
  @Test func whereTLSOffersHTTP2ManyRequestsShareOneConnection() async throws {
    try await withTemporaryFolder { folder in
      let certificate = try await TestCertificate.make(in: folder)
      let counts = Counts()
      let server = try await HTTP2Server.start(certificate, counts)
      let statuses = try await withTransport({ $0.trustRootsFile = certificate.chain }) { transport in
        // The first request makes the connection; those that follow find it.
        let first = try await transport.get(server.url)
        return try await withThrowingTaskGroup(of: Int.self) { group in
          for _ in 0..<40 { group.addTask { try await transport.get(server.url).status } }
          return try await group.reduce(into: [first.status]) { $0.append($1) }
        }
      }
      try await server.stop()
      #expect(statuses == Array(repeating: 200, count: 41))
      #expect(counts.streams == 41)
      #expect(counts.connections == 1)
    }
  }
}

final class Counts: Sendable {
  private let state = Mutex((connections: 0, streams: 0))

  var connections: Int { state.withLock(\.connections) }
  var streams: Int { state.withLock(\.streams) }
  func countConnection() { state.withLock { $0.connections += 1 } }
  func countStream() { state.withLock { $0.streams += 1 } }
}

/// A server that speaks nothing but HTTP/2 over TLS, and answers everything with an empty object.
private struct HTTP2Server {
  let url: String
  private let channel: any Channel

  static func start(_ certificate: (chain: String, key: String), _ counts: Counts) async throws -> HTTP2Server {
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.chain).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem)))
    tls.applicationProtocols = ["h2"]
    let context = try NIOSSLContext(configuration: tls)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        counts.countConnection()
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
          try channel.pipeline.syncOperations.addHandler(
            NIOHTTP2Handler(
              mode: .server, eventLoop: channel.eventLoop, connectionConfiguration: .init(),
              streamConfiguration: .init()
            ) { stream in
              stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandlers(
                  HTTP2FramePayloadToHTTP1ServerCodec(), EmptyObjectHandler(counts))
              }
            })
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return HTTP2Server(url: "https://127.0.0.1:\(channel.localAddress?.port ?? 0)", channel: channel)
  }

  func stop() async throws { try await channel.close() }
}

private final class EmptyObjectHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let counts: Counts

  init(_ counts: Counts) { self.counts = counts }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .end = unwrapInboundIn(data) else { return }
    counts.countStream()
    let head = HTTPResponseHead(version: .http2, status: .ok, headers: ["content-type": "application/json"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "{}")))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}

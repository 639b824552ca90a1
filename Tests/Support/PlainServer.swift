import NIOCore
import NIOPosix

/// Runs a server that answers the first bytes of each connection with the same bytes, whatever they are, and then is
/// silent. It lives on the event loops alone, so that it answers at once however busy the tests' own tasks are.
///
/// - Parameter body: gets the port.
public func withPlainServer<Value>(
  answering answer: String, _ body: (_ port: Int) async throws -> Value
) async throws -> Value {
  let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(PlainAnswer(text: answer))
      }
    }
    .bind(host: "127.0.0.1", port: 0).get()
  let result: Result<Value, any Error>
  do { result = .success(try await body(server.localAddress?.port ?? 0)) } catch { result = .failure(error) }
  try await server.close()
  return try result.get()
}

private final class PlainAnswer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let text: String
  private var hasAnswered = false

  init(text: String) { self.text = text }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasAnswered else { return }
    hasAnswered = true
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
  }
}

import NIOCore
import NIOPosix

/// Listens on a free port of this machine for as long as the body runs.
///
/// - Parameters:
///   - make: makes what stands for the server in tests, from its port.
///   - serve: what each connection gets; a connection that breaks is one test's business, not the server's.
func withListener<Server: Sendable, Value: Sendable>(
  make: (_ port: Int) -> Server, serve: @escaping @Sendable (any Channel, Server) async throws -> Void,
  body: @escaping @Sendable (Server) async throws -> Value
) async throws -> Value {
  let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    // A connection is opened where it is served: one that comes as the listener ends is never served.
    .childChannelOption(.autoRead, value: false)
    .bind(host: "127.0.0.1", port: 0) { channel in channel.eventLoop.makeSucceededFuture(channel) }
  let server = make(listener.channel.localAddress?.port ?? 0)
  return try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask {
      try await listener.executeThenClose { connections in
        await withDiscardingTaskGroup { clients in
          do {
            for try await channel in connections {
              clients.addTask { try? await serve(channel, server) }
            }
          } catch {}
        }
      }
      return nil
    }
    group.addTask { try await body(server) }
    defer { group.cancelAll() }
    while let result = try await group.next() {
      if let value = result { return value }
    }
    throw CancellationError()
  }
}

extension Channel {
  /// The bytes of a connection whose reading has not begun.
  ///
  /// - Parameter prepare: adds what stands before the bytes, such as TLS.
  func opened(
    _ prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in }
  ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
    try await eventLoop.submit {
      try prepare(self)
      let connection = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
        wrappingChannelSynchronously: self, configuration: .init(isOutboundHalfClosureEnabled: false))
      self.setOption(.autoRead, value: true).whenComplete { _ in }
      return connection
    }.get()
  }
}

/// A connection to a port of this machine.
func connected(to port: Int) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
  try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
}

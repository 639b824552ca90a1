import NIOCore
import NIOPosix
import Synchronization

/// An HTTP proxy on a real socket that takes every tunnel to one port of this machine, whatever host is asked for.
public final class TunnelProxy: Sendable {
  public let port: Int
  private let received = Mutex<[ReceivedRequest]>([])

  init(port: Int) { self.port = port }

  /// The `CONNECT` requests so far.
  public var requests: [ReceivedRequest] { received.withLock { $0 } }

  func keep(_ request: ReceivedRequest) { received.withLock { $0.append(request) } }
}

/// Runs a proxy for as long as the body runs.
///
/// - Parameter target: the port that tunnels end at.
public func withTunnelProxy<Value: Sendable>(
  to target: Int, _ body: @escaping @Sendable (TunnelProxy) async throws -> Value
) async throws -> Value {
  try await withListener {
    TunnelProxy(port: $0)
  } serve: { channel, proxy in
    try await tunnel(channel, proxy, to: target)
  } body: {
    try await body($0)
  }
}

private func tunnel(_ channel: any Channel, _ proxy: TunnelProxy, to target: Int) async throws {
  let connection = try await channel.opened()
  try await connection.executeThenClose { inbound, outbound in
    let far = try await connected(to: target)
    try await far.executeThenClose { farInbound, farOutbound in
      var iterator = inbound.makeAsyncIterator()
      var buffer: [UInt8] = []
      var request: ReceivedRequest?
      while request == nil, let part = try await iterator.next() {
        buffer += Array(part.readableBytesView)
        request = RequestParser.take(&buffer)
      }
      guard let request, request.method == "CONNECT" else { return }
      proxy.keep(request)
      try await outbound.write(ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for try await part in farInbound { try await outbound.write(part) }
        }
        while let part = try await iterator.next() { try await farOutbound.write(part) }
        group.cancelAll()
      }
    }
  }
}

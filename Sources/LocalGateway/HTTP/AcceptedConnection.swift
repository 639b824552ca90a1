internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import Synchronization

/// A connection that was accepted, and is closed when nobody gets to serve it.
///
/// A server whose task is cancelled drops the connections it accepted and did not begin to serve yet; NIO ends the
/// process for each of them ("Deinited NIOAsyncWriter without calling finish()", apple/swift-nio#2637).
final class AcceptedConnection: ServerChildChannelValue {
  fileprivate let connection: HTTP1Channel.Value
  private let isServed = Atomic(false)

  var channel: any Channel { connection.channel }

  fileprivate init(_ connection: HTTP1Channel.Value) { self.connection = connection }

  fileprivate func serve() -> HTTP1Channel.Value {
    isServed.store(true, ordering: .relaxed)
    return connection
  }

  deinit {
    guard !isServed.load(ordering: .relaxed) else { return }
    // Unstructured: there is nothing left that could wait for it, and it only closes. That the peer has gone before is
    // no failure of anybody.
    Task { [connection] in try? await connection.executeThenClose { _, _ in } }
  }
}

/// HTTP/1.1 on connections that close when they are dropped.
struct AcceptedConnections: ServerChildChannel {
  let http: HTTP1Channel

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<AcceptedConnection> {
    http.setup(channel: channel, logger: logger).map(AcceptedConnection.init)
  }

  func handle(value: AcceptedConnection, logger: Logger) async {
    await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
      await http.handle(value: value.serve(), logger: logger)
    }
  }
}

internal import AsyncHTTPClient
internal import GatewayAPI
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Collects one answer, and knows how far the exchange has come.
final class AnswerCollector: HTTPClientResponseDelegate {
  typealias Response = GatewayResponse

  /// The body is larger than allowed.
  struct BodyTooLarge: Error {}

  struct Progress: Sendable {
    /// Whether anything of the request can have left this machine.
    var isSent = false
    var head: HTTPResponseHead?
    var body: [UInt8] = []
  }

  private let maximumBodyBytes: Int
  private let state = Mutex(Progress())

  init(maximumBodyBytes: Int) { self.maximumBodyBytes = maximumBodyBytes }

  var isSent: Bool { state.withLock(\.isSent) }
  var hasBegun: Bool { state.withLock { $0.head != nil } }

  func didSendRequestHead(task: HTTPClient.Task<GatewayResponse>, _ head: HTTPRequestHead) {
    state.withLock { $0.isSent = true }
  }

  func didReceiveHead(
    task: HTTPClient.Task<GatewayResponse>, _ head: HTTPResponseHead
  ) -> EventLoopFuture<Void> {
    state.withLock { $0.head = head }
    if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > maximumBodyBytes {
      return task.eventLoop.makeFailedFuture(BodyTooLarge())
    }
    return task.eventLoop.makeSucceededVoidFuture()
  }

  func didReceiveBodyPart(
    task: HTTPClient.Task<GatewayResponse>, _ buffer: ByteBuffer
  ) -> EventLoopFuture<Void> {
    let fits = state.withLock { state in
      guard state.body.count + buffer.readableBytes <= maximumBodyBytes else { return false }
      state.body.append(contentsOf: buffer.readableBytesView)
      return true
    }
    return fits ? task.eventLoop.makeSucceededVoidFuture() : task.eventLoop.makeFailedFuture(BodyTooLarge())
  }

  func didFinishRequest(task: HTTPClient.Task<GatewayResponse>) throws -> GatewayResponse {
    let progress = state.withLock(\.self)
    guard let head = progress.head else { throw HTTPClientError.remoteConnectionClosed }
    return GatewayResponse(
      status: Int(head.status.code),
      headers: Dictionary(
        head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first }),
      body: progress.body)
  }
}

import NIOCore
import NIOPosix
import Synchronization

/// Stands between a client and a server on this machine, and holds one request or its answer back for good: what a
/// client that dies at that moment leaves behind.
public final class HoldingRelay: Sendable {
  public enum Hold: Sendable, Hashable {
    /// The request never arrives.
    case request
    /// The request arrives, its answer never does.
    case answer
  }

  public let port: Int
  private let state = Mutex(State())
  private let continuation: AsyncStream<Void>.Continuation
  private let stream: AsyncStream<Void>

  private struct State {
    var changes = 0
    var wanted: (number: Int, hold: Hold)?
  }

  init(port: Int) {
    self.port = port
    (stream, continuation) = AsyncStream.makeStream(of: Void.self)
  }

  public var url: String { "http://127.0.0.1:\(port)" }

  /// Holds the change of this number, from 1, counted from now on; nil lets everything pass.
  public func hold(_ number: Int?, _ hold: Hold) {
    state.withLock { $0 = State(wanted: number.map { ($0, hold) }) }
  }

  /// Returns when something is held.
  public func untilHeld() async { for await _ in stream { return } }

  /// What is to be done with the bytes of a client: the hold that they begin, if they are the change that was meant.
  func take(_ bytes: ByteBuffer) -> Hold? {
    let start = String(decoding: bytes.readableBytesView.prefix(5), as: UTF8.self)
    guard start.hasPrefix("POST ") || start.hasPrefix("PUT ") else { return nil }
    return state.withLock { state in
      state.changes += 1
      guard let wanted = state.wanted, wanted.number == state.changes else { return nil }
      return wanted.hold
    }
  }

  func reportHeld() { continuation.yield() }
}

/// Runs a relay for as long as the body runs.
public func withHoldingRelay<Value: Sendable>(
  to target: Int, _ body: @escaping @Sendable (HoldingRelay) async throws -> Value
) async throws -> Value {
  try await withListener {
    HoldingRelay(port: $0)
  } serve: { channel, relay in
    try await pass(channel, relay, to: target)
  } body: {
    try await body($0)
  }
}

/// Whether the answers of a connection are held back.
private final class HeldAnswer: Sendable {
  private let state = Mutex(false)

  var isSet: Bool { state.withLock { $0 } }

  func set() { state.withLock { $0 = true } }
}

private func pass(_ channel: any Channel, _ relay: HoldingRelay, to target: Int) async throws {
  let connection = try await channel.opened()
  try await connection.executeThenClose { inbound, outbound in
    let far = try await connected(to: target)
    try await far.executeThenClose { farInbound, farOutbound in
      let held = HeldAnswer()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for try await part in farInbound {
            if held.isSet {
              relay.reportHeld()
            } else {
              try await outbound.write(part)
            }
          }
        }
        var holdsRequest = false
        for try await part in inbound {
          switch relay.take(part) {
          case .request?: holdsRequest = true
          case .answer?: held.set()
          case nil: break
          }
          if holdsRequest { relay.reportHeld() } else { try await farOutbound.write(part) }
        }
        group.cancelAll()
      }
    }
  }
}

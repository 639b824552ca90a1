internal import GatewayAPI
internal import GatewaySigning
internal import Logging
internal import Synchronization

/// Writes each request and what became of it to a log, at level `trace`, without secrets.
struct WireLog: Sendable {
  /// The most of a body that is shown, in bytes.
  static let bodyLimit = 4096

  private static let exchanges = Atomic(0)

  private let logger: Logger
  private let url: String
  private let started: ContinuousClock.Instant
  /// Ties an answer to its request where many are under way.
  private let exchange: Int

  /// Notes the request; nil when nobody reads at level `trace`.
  init?(_ logger: Logger?, _ request: SignableRequest, url: String) {
    guard let logger, logger.logLevel <= .trace else { return nil }
    self.logger = logger
    self.url = SecretMask.url(url)
    started = .now
    exchange = Self.exchanges.add(1, ordering: .relaxed).newValue
    var metadata: Logger.Metadata = [
      "exchange": "\(exchange)", "method": "\(request.method)", "url": "\(self.url)",
      "headers": .array(request.headers.map { "\($0.name): \(SecretMask.header($0.name, $0.value))" }),
    ]
    metadata["body"] = Self.body(request.body)
    logger.trace("request", metadata: metadata)
  }

  func note(_ response: GatewayResponse) {
    var metadata: Logger.Metadata = [
      "exchange": "\(exchange)", "status": "\(response.status)", "seconds": "\(seconds)", "url": "\(url)",
      "bytes": "\(response.body.count)",
      "headers": .array(
        response.headers.sorted { $0.key < $1.key }.map { "\($0.key): \(SecretMask.header($0.key, $0.value))" }),
    ]
    metadata["request_id"] = response.requestID.map { "\($0)" }
    metadata["body"] = Self.body(response.body)
    logger.trace("answer", metadata: metadata)
  }

  func note(_ error: any Error) {
    let what = (error as? TransportFailure)?.what ?? "\(error)"
    logger.trace(
      "no answer",
      metadata: ["exchange": "\(exchange)", "why": "\(what)", "seconds": "\(seconds)", "url": "\(url)"])
  }

  private var seconds: String {
    let (seconds, attoseconds) = started.duration(to: .now).components
    let milliseconds = String(attoseconds / 1_000_000_000_000_000)
    return "\(seconds).\(String(repeating: "0", count: 3 - milliseconds.count))\(milliseconds)"
  }

  /// The beginning of a text; of anything else how much it is.
  private static func body(_ bytes: [UInt8]) -> Logger.MetadataValue? {
    guard !bytes.isEmpty else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else { return "\(bytes.count) bytes that are no text" }
    // Masked before it is cut: a secret must not come through for want of its end.
    let masked = SecretMask.text(text)
    guard masked.utf8.count > bodyLimit else { return "\(masked)" }
    return "\(String(decoding: masked.utf8.prefix(bodyLimit), as: UTF8.self))… (\(bytes.count) bytes)"
  }
}

internal import Crypto
public import GatewayAPI

/// Something that a script asks of the world, in a form by which a replay finds its answer again.
public struct RecordedCall: Sendable, Hashable {
  /// `publish`, `wait`, `now`.
  public var operation: String
  /// All that decides what is asked.
  public var arguments: Document
  /// For people: "publish pay-create to RELEASE".
  public var title: String
  public var origin: CallOrigin

  /// - Parameter origin: the current task's unless given.
  public init(_ operation: String, _ arguments: Document = .null, title: String = "", origin: CallOrigin? = nil) {
    self.operation = operation
    self.arguments = arguments
    self.title = title.isEmpty ? operation : title
    self.origin = origin ?? .current
  }

  /// A digest of the arguments, by which a replay finds the journal's entry.
  public var digest: String {
    if arguments == .null { return "" }
    return SHA256.hash(data: arguments.json).prefix(10).map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }
}

internal import Crypto
public import GatewayAPI

/// Something that a script asks of the world, in a form by which a replay finds its answer again.
public struct RecordedCall: Sendable, Hashable {
  /// `publish`, `wait`, `now`.
  public var operation: String
  /// All that decides what is asked.
  public var arguments: Document { didSet { digest = Self.digest(of: arguments) } }
  /// A digest of the arguments, by which a replay finds the journal's entry; asked for several times.
  public private(set) var digest: String
  /// For people: "publish pay-create to RELEASE".
  public var title: String
  public var origin: CallOrigin

  /// - Parameter origin: the current task's unless given.
  public init(_ operation: String, _ arguments: Document = .null, title: String = "", origin: CallOrigin? = nil) {
    self.operation = operation
    self.arguments = arguments
    digest = Self.digest(of: arguments)
    self.title = title.isEmpty ? operation : title
    self.origin = origin ?? .current
  }

  private static func digest(of arguments: Document) -> String {
    if case .null = arguments { return "" }
    return ContentDigest.hexadecimal(SHA256.hash(data: arguments.json).prefix(10))
  }
}

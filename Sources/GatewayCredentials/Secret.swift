/// A text that must never be shown: a secret key, a password, a token.
public struct Secret: Sendable, Hashable {
  /// The text itself, for the one place that sends it or signs with it.
  public let text: String

  public init(_ text: String) { self.text = text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Says nothing, not even how long it is.
  public var description: String { "(secret)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// An access key as people may see it: enough to recognise it, too little to use it.
public func maskedAccessKey(_ key: String) -> String {
  // Of a short one, both ends together would be most of it.
  guard key.count > 8 else { return "\(key.prefix(2))…" }
  return "\(key.prefix(4))…\(key.suffix(2))"
}

import Glibc

/// Bytes of a Lua string, which need not be UTF-8.
///
/// Two strings are equal when their bytes are; Unicode equivalence plays no part.
public struct LuaString: Sendable {
  @usableFromInline enum Storage: Sendable {
    case text(String)
    case bytes([UInt8])  // not valid UTF-8
  }

  @usableFromInline let storage: Storage

  /// The UTF-8 bytes of `text`.
  @inlinable public init(_ text: String) { storage = .text(text) }

  /// These bytes. Cost: O(n), for they are checked for UTF-8 once, here.
  public init(bytes: [UInt8]) {
    if let text = String(validating: bytes, as: UTF8.self) {
      storage = .text(text)
    } else {
      storage = .bytes(bytes)
    }
  }

  /// A copy of the bytes. Cost: O(n).
  public var bytes: [UInt8] {
    switch storage {
    case .text(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    }
  }

  /// The text, or nil when the bytes are not valid UTF-8.
  public var string: String? {
    switch storage {
    case .text(let text): text
    case .bytes: nil
    }
  }

  /// The number of bytes.
  public var count: Int {
    switch storage {
    case .text(let text): text.utf8.count
    case .bytes(let bytes): bytes.count
    }
  }
}

extension LuaString {
  /// Hands out the bytes where they lie.
  @inline(__always) func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch storage {
    case .text(let text): unsafe text.withBytes(body)
    case .bytes(let bytes): unsafe bytes.withUnsafeBytes(body)
    }
  }

  /// Copies the bytes to where there is room for `count` of them.
  ///
  /// Never inlined: a call costs less than the copy of the string that would be made in its place.
  @inline(never) func copyBytes(to start: UnsafeMutableRawPointer) {
    unsafe withBytes { bytes in
      if let from = bytes.baseAddress { unsafe start.copyMemory(from: from, byteCount: bytes.count) }
    }
  }

  /// Whether it is text of these bytes of UTF-8.
  func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
    switch storage {
    case .text(let text): unsafe text.utf8.count == bytes.count && text.hasBytes(bytes)
    case .bytes: false
    }
  }
}

extension String {
  /// Hands out the UTF-8 where it lies; only text from elsewhere (a bridged one) is copied.
  @inline(__always) func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let inPlace = unsafe utf8.withContiguousStorageIfAvailable { unsafe body(UnsafeRawBufferPointer($0)) }
    if let inPlace { return inPlace }
    return unsafe Array(utf8).withUnsafeBytes(body)
  }

  /// Whether the bytes are the same; `==` would go by Unicode.
  fileprivate func hasBytes(of other: String) -> Bool {
    guard utf8.count == other.utf8.count else { return false }
    return unsafe other.withBytes { unsafe hasBytes($0) }
  }

  /// - Parameter others: as many as this string has.
  fileprivate func hasBytes(_ others: UnsafeRawBufferPointer) -> Bool {
    unsafe withBytes { bytes in
      guard let start = bytes.baseAddress, let other = others.baseAddress else { return true }
      return unsafe memcmp(start, other, bytes.count) == 0
    }
  }
}

extension LuaString: Hashable {
  public static func == (left: LuaString, right: LuaString) -> Bool {
    switch (left.storage, right.storage) {
    case (.text(let a), .text(let b)): a.hasBytes(of: b)
    case (.bytes(let a), .bytes(let b)): a == b
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch storage {
    case .text(let text): for byte in text.utf8 { hasher.combine(byte) }
    case .bytes(let bytes): for byte in bytes { hasher.combine(byte) }
    }
  }
}

extension LuaString: ExpressibleByStringLiteral, CustomStringConvertible {
  public init(stringLiteral value: String) { self.init(value) }

  /// The text; invalid UTF-8 is repaired with U+FFFD.
  public var description: String {
    switch storage {
    case .text(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }
}

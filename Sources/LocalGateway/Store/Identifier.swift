internal import GatewayAPI

/// IDs as the gateway makes them: 32 hexadecimal digits.
enum Identifier {
  static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    return text(generator.next(), generator.next())
  }

  /// An ID that is greater than those made before it, to the millisecond: such IDs stand together in an index, and those
  /// that one commit adds change few of its pages.
  static func growing() -> String {
    var generator = SystemRandomNumberGenerator()
    let milliseconds = UInt64(max(0, Timestamp.now().microseconds / 1000))
    return text(milliseconds << 16 | generator.next() & 0xFFFF, generator.next())
  }

  /// The same ID for the same name every time: for the demo project.
  static func stable(_ name: String) -> String {
    text(hash(name, seed: 0xCBF2_9CE4_8422_2325), hash(name, seed: 0x8422_2325_CBF2_9CE4))
  }

  /// FNV-1a.
  private static func hash(_ text: String, seed: UInt64) -> UInt64 {
    text.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  private static func text(_ high: UInt64, _ low: UInt64) -> String {
    var digits: [UInt8] = []
    digits.reserveCapacity(32)
    for number in [high, low] {
      for shift in stride(from: 60, through: 0, by: -4) {
        let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 0xF
        digits.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
    return String(decoding: digits, as: UTF8.self)
  }
}

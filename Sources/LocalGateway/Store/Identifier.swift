/// IDs as the gateway makes them: 32 hexadecimal digits.
enum Identifier {
  static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    return padded(UInt64.random(in: .min ... .max, using: &generator))
      + padded(UInt64.random(in: .min ... .max, using: &generator))
  }

  /// The same ID for the same name every time: for the demo project.
  static func stable(_ name: String) -> String {
    padded(hash(name, seed: 0xCBF2_9CE4_8422_2325)) + padded(hash(name, seed: 0x8422_2325_CBF2_9CE4))
  }

  /// FNV-1a.
  private static func hash(_ text: String, seed: UInt64) -> UInt64 {
    text.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  private static func padded(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

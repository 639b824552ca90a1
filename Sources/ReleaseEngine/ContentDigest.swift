internal import Crypto

/// Digests by which scripts, plans and definitions are recognized: SHA-256 in hexadecimal.
public enum ContentDigest {
  public static func hex(_ bytes: [UInt8]) -> String {
    hexadecimal(SHA256.hash(data: bytes))
  }

  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
      text.append(digit(byte >> 4))
      text.append(digit(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func digit(_ number: UInt8) -> UInt8 {
    number < 10 ? UInt8(ascii: "0") + number : UInt8(ascii: "a") + number - 10
  }

  /// The digest of something that is kept nowhere itself.
  ///
  /// - Parameter salt: what makes it another one in every plan or run, so that no table of digests helps to guess.
  public static func salted(_ text: String, with salt: String) -> String { hex(Array("\(salt)\n\(text)".utf8)) }
}

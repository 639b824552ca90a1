internal import Crypto

/// Digests by which scripts, plans and definitions are recognized: SHA-256 in hexadecimal.
public enum ContentDigest {
  public static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = SHA256.hash(data: bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The digest of something that is kept nowhere itself.
  ///
  /// - Parameter salt: what makes it another one in every plan or run, so that no table of digests helps to guess.
  public static func salted(_ text: String, with salt: String) -> String { hex(Array("\(salt)\n\(text)".utf8)) }
}

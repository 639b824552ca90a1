internal import Crypto

/// Digests by which scripts, plans and definitions are recognized: SHA-256 in hexadecimal.
public enum ContentDigest {
  public static func hex(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }

  /// The digest of something that is kept nowhere itself.
  ///
  /// - Parameter salt: what makes it another one in every plan or run, so that no table of digests helps to guess.
  public static func salted(_ text: String, with salt: String) -> String { hex(Array("\(salt)\n\(text)".utf8)) }
}

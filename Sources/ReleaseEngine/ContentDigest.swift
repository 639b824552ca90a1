internal import Crypto

/// Digests by which scripts, plans and definitions are recognized: SHA-256 in hexadecimal.
public enum ContentDigest {
  public static func hex(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }
}

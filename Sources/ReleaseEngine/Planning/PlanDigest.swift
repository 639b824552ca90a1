internal import Crypto

/// Digests as plans bear them: SHA-256 in hexadecimal.
public enum PlanDigest {
  public static func hex(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }
}

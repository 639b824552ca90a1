/// A body of `multipart/form-data` (RFC 7578).
struct MultipartBody {
  private var parts: [(head: String, content: [UInt8])] = []

  var isEmpty: Bool { parts.isEmpty }

  mutating func add(_ name: String, _ value: String) {
    parts.append(("Content-Disposition: form-data; name=\"\(name)\"", Array(value.utf8)))
  }

  /// The gateway tells JSON and YAML by the file's name.
  mutating func add(_ name: String, file text: String) {
    let isJSON = text.first { !$0.isWhitespace } == "{"
    let head =
      "Content-Disposition: form-data; name=\"\(name)\"; filename=\"definitions.\(isJSON ? "json" : "yaml")\"\r\n"
      + "Content-Type: application/octet-stream"
    parts.append((head, Array(text.utf8)))
  }

  var contentType: String { "multipart/form-data; boundary=\(boundary)" }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for part in parts {
      bytes += Array("--\(boundary)\r\n\(part.head)\r\n\r\n".utf8) + part.content + Array("\r\n".utf8)
    }
    return bytes + Array("--\(boundary)--\r\n".utf8)
  }

  /// Made from the contents: equal forms are equal bytes, and no content holds a hash of itself.
  private var boundary: String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for part in parts { for byte in part.content { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 } }
    return "apig-lua-\(String(hash, radix: 16))-\(String(hash.byteSwapped &* 0x9E37_79B9_7F4A_7C15, radix: 16))"
  }
}

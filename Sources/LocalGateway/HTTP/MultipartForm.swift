/// A body of `multipart/form-data` (RFC 7578), small enough to be held whole.
struct MultipartForm: Sendable {
  /// The parts by their names.
  let parts: [String: [UInt8]]

  /// - Throws: ``Fault`` for what is no such body.
  init(_ body: [UInt8], contentType: String) throws {
    guard contentType.lowercased().hasPrefix("multipart/form-data"),
      let boundary = Self.parameter("boundary", of: contentType), !boundary.isEmpty
    else { throw Fault.unreadable("multipart/form-data expected") }
    let delimiter = Array("--\(boundary)".utf8)
    var parts: [String: [UInt8]] = [:]
    guard var start = body.firstRange(of: delimiter)?.upperBound else {
      throw Fault.unreadable("no part begins")
    }
    while let next = body[start...].firstRange(of: Array("\r\n".utf8) + delimiter) {
      if let (name, content) = Self.part(body[start..<next.lowerBound]) { parts[name] = content }
      start = next.upperBound
    }
    guard body[start...].starts(with: Array("--".utf8)) else { throw Fault.unreadable("the last part does not end") }
    self.parts = parts
  }

  func text(_ name: String) -> String? {
    guard let bytes = parts[name], !bytes.isEmpty else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func part(_ bytes: ArraySlice<UInt8>) -> (name: String, content: [UInt8])? {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-disposition:") {
      if let name = parameter("name", of: String(line)) { return (name, Array(bytes[end.upperBound...])) }
    }
    return nil
  }

  private static func parameter(_ name: String, of header: String) -> String? {
    for part in header.split(separator: ";").dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].drop(while: { $0 == " " }).lowercased() == name else { continue }
      return String(pair[1].drop { $0 == "\"" || $0 == " " }.prefix { $0 != "\"" })
    }
    return nil
  }
}

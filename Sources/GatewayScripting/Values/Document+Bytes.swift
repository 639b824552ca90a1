internal import GatewayAPI
internal import LuaRuntime

/// Bytes as the journal keeps them.
extension Document {
  /// Text as it is; bytes that are no text have a character for each.
  init(recording bytes: [UInt8]) {
    if let text = String(validating: bytes, as: UTF8.self) {
      self = .string(text)
      return
    }
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: bytes.map { Unicode.Scalar($0) })
    self = ["bytes": .string(String(scalars))]
  }

  /// The same bytes for a script.
  var recordedText: LuaValue {
    guard let bytes = self["bytes"]?.stringValue else { return .text(stringValue ?? "") }
    return .string(LuaString(bytes: bytes.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }))
  }
}

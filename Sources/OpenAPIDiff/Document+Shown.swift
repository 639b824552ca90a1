import GatewayAPI

extension Document {
  /// The value in one short line.
  var shown: String {
    let text = jsonText
    return text.count > 60 ? text.prefix(60) + "…" : text
  }
}

extension Document? {
  /// The value in one short line; "none" where there is none.
  var shown: String { self?.shown ?? "none" }
}

extension [Document] {
  var shown: String { prefix(8).map(\.shown).joined(separator: ", ") + (count > 8 ? ", …" : "") }
}

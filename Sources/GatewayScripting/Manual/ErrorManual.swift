internal import GatewayAPI

/// The manual's entry for a kind of error.
struct ErrorKindManual: ManualEntry {
  let kind: GatewayError.Kind

  var name: String { kind.rawValue }

  var summary: String { kind.summary }

  /// The codes of the gateway that are of this kind.
  private var codes: [String] { DocumentedErrorCode.all.filter { $0.kind == kind }.map(\.code.rawValue) }

  private var repeating: String {
    GatewayError(kind: kind, message: "").isRetryable
      ? "The same call may succeed later (retryable)." : "The same call fails again."
  }

  func text(width: Int) -> String {
    var text = ManualText(width: width)
    text.paragraph("An error of kind \(name): \(summary)")
    text.gap()
    text.paragraph(kind.advice)
    text.paragraph(repeating)
    if !codes.isEmpty {
      text.gap()
      text.paragraph("Codes: \(codes.joined(separator: ", "))")
    }
    return text.text
  }

  func markdown(level: Int) -> String {
    heading(level) + "\n\(summary) \(kind.advice) \(repeating)\n"
      + (codes.isEmpty ? "" : "\nCodes: \(codes.joined(separator: ", "))\n")
  }
}

/// The manual's entry for a code of the gateway.
struct ErrorCodeManual: ManualEntry {
  private let code: GatewayErrorCode
  private let documented: DocumentedErrorCode?

  init(_ documented: DocumentedErrorCode) {
    code = documented.code
    self.documented = documented
  }

  /// - Returns: nil for what is written in another way than codes are.
  init?(named name: String) {
    let name = name.uppercased()
    guard name.wholeMatch(of: /API[GC]\.\d{4,}/) != nil else { return nil }
    let code = GatewayErrorCode(rawValue: name)
    self.code = code
    documented = DocumentedErrorCode.all.first { $0.code == code }
  }

  var name: String { code.rawValue }

  var summary: String { documented?.message ?? "It is not in the gateway's published table." }

  /// By its number, where its status is not known.
  private var kind: GatewayError.Kind { documented?.kind ?? GatewayError.Kind(code: code, status: 400) }

  func text(width: Int) -> String {
    var text = ManualText(width: width)
    text.paragraph("\(name)\(documented.map { " (HTTP \($0.status))" } ?? ""): \(summary)")
    text.gap()
    text.paragraph("The error's kind is \(kind.rawValue): \(kind.summary)")
    text.paragraph((documented?.hint.map { $0.capitalizedFirst + "." }) ?? kind.advice)
    return text.text
  }

  func markdown(level: Int) -> String { heading(level) + "\n\(summary) Kind: \(kind.rawValue).\n" }

  /// The whole table, for the reference.
  static var table: String {
    let rows = DocumentedErrorCode.all.map { [$0.code.rawValue, String($0.status), $0.kind.rawValue, $0.message] }
    return MarkdownTable(columns: ["code", "HTTP", "kind", "the gateway's words"], rows: rows).text
  }
}

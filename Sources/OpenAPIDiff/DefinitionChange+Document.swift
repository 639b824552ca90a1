public import GatewayAPI

extension DefinitionChange {
  /// The change as scripts and machines read it.
  public var document: Document {
    [
      "kind": .string(kind.rawValue), "method": text(method), "path": .string(path), "api": text(api),
      "breaking": .boolean(isBreaking), "what": .array(findings.map { .string($0.text) }),
      "left_version_no": text(leftVersion), "right_version_no": text(rightVersion),
    ]
  }

  private func text(_ value: String?) -> Document { value.map(Document.string) ?? .null }
}

import GatewayAPI

/// Follows `$ref` within one document; what points elsewhere stands for itself.
struct DefinitionReferences: Sendable {
  /// Longest chain of references that lead to references.
  private static let maximumSteps = 32

  let root: Document

  func resolved(_ value: Document) -> Document {
    var value = value
    for _ in 0..<Self.maximumSteps {
      guard let reference = value["$ref"]?.stringValue, let target = target(of: reference) else { return value }
      value = target
    }
    return value
  }

  private func target(of reference: String) -> Document? {
    guard reference.hasPrefix("#/") else { return nil }
    var value: Document? = root
    for step in reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
      let name = String(step).replacing("~1", with: "/").replacing("~0", with: "~")
      if case .array(let elements)? = value {
        value = Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
      } else {
        value = value?[name]
      }
    }
    return value
  }
}

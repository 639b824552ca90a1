internal import GatewayAPI

/// Follows `$ref`: inside the document alone, never in circles.
struct OpenAPIReferences {
  let root: Document

  /// Longer chains are circles.
  private static let maximumHops = 32

  /// What a value stands for: itself, unless it is a reference.
  ///
  /// Only the value's own reference is followed, not those inside it: nothing can unfold into more than the document
  /// holds.
  ///
  /// - Throws: ``Fault`` for a reference to nothing, to another document, or in a circle.
  func resolve(_ value: Document) throws(Fault) -> Document {
    var value = value
    for _ in 0..<Self.maximumHops {
      guard let reference = value["$ref"]?.stringValue else { return value }
      value = try target(of: reference)
    }
    throw Fault.syntax("the reference \(value["$ref"]?.stringValue ?? "") leads back to itself")
  }

  private func target(of reference: String) throws(Fault) -> Document {
    guard reference.hasPrefix("#/") else {
      throw Fault.syntax("the reference \(reference) leads out of the document")
    }
    var value = root
    for part in reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
      let name = String(part).percentDecoded.replacing("~1", with: "/").replacing("~0", with: "~")
      let next: Document? =
        if let elements = value.arrayValue {
          Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        } else {
          value[name]
        }
      guard let next else { throw Fault.syntax("the reference \(reference) leads nowhere") }
      value = next
    }
    return value
  }
}

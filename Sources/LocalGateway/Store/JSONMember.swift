internal import GatewayAPI

/// A member of an object whose members are known and written in their order: making and sorting a dictionary of them
/// takes longer than printing them.
struct JSONMember: Sendable {
  let name: StaticString
  let value: Document

  init(_ name: StaticString, _ value: Document) {
    self.name = name
    self.value = value
  }

  func print(into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { output.append(contentsOf: $0) }
    output.append(UInt8(ascii: "\""))
    output.append(UInt8(ascii: ":"))
    value.print(into: &output)
  }
}

extension [JSONMember] {
  var document: Document {
    .object(Dictionary(map { ("\($0.name)", $0.value) }, uniquingKeysWith: { first, _ in first }))
  }

  /// Appends the object that they make, as `Document.json` prints it; they are sorted by name.
  func print(into output: inout [UInt8]) {
    output.append(UInt8(ascii: "{"))
    for (index, member) in enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      member.print(into: &output)
    }
    output.append(UInt8(ascii: "}"))
  }
}

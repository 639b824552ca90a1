import GatewayAPI
import OpenAPIDiff
import Testing

/// What holds for any two documents.
@Suite struct MirrorTests {
  @Test(arguments: 0..<200) func aDiffIsEmptyForOneAndMirroredForTwo(seed: Int) throws {
    var documents = RandomDocuments(seed: UInt64(seed))
    let left = try OpenAPIDefinition(documents.next())
    let right = try OpenAPIDefinition(documents.next())
    #expect(DefinitionDiff(from: left, to: left).changes.isEmpty)
    #expect(DefinitionDiff(from: right, to: right).changes.isEmpty)
    let forth = DefinitionDiff(from: left, to: right)
    let back = DefinitionDiff(from: right, to: left)
    #expect(forth.changes.count == back.changes.count)
    #expect(Self.kinds(forth) == Self.kinds(back, mirrored: true))
    for (there, here) in zip(forth.changes, back.changes) where there.kind == .changed && here.kind == .changed {
      #expect(there.leftVersion == here.rightVersion && there.rightVersion == here.leftVersion)
    }
  }

  private static func kinds(_ diff: DefinitionDiff, mirrored: Bool = false) -> [String] {
    diff.changes.map { change in
      let kind: DefinitionChange.Kind =
        switch (change.kind, mirrored) {
        case (.added, true): .removed
        case (.removed, true): .added
        default: change.kind
        }
      return "\(kind.rawValue) \(change.title)"
    }.sorted()
  }
}

/// Makes documents of a small vocabulary, so that two of them have much in common.
private struct RandomDocuments {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  private mutating func number(below bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33) % bound
  }

  private mutating func isChosen() -> Bool { number(below: 2) == 0 }

  mutating func next() -> Document {
    var paths: [String: Document] = [:]
    for path in ["/a", "/a/{id}", "/b"] where number(below: 4) > 0 {
      var item: [String: Document] = [:]
      for method in ["get", "post"] where number(below: 3) > 0 { item[method] = operation() }
      paths[path] = .object(item)
    }
    return ["openapi": "3.0.0", "paths": .object(paths)]
  }

  private mutating func operation() -> Document {
    var members: [String: Document] = [
      "operationId": .string("api-\(number(below: 2))"), "x-apigateway-version-no": .string("\(number(below: 3))"),
    ]
    if isChosen() {
      let needed = isChosen()
      members["parameters"] = [
        ["name": "q", "in": "query", "required": .boolean(needed), "schema": schema(depth: 1)]
      ]
    }
    if isChosen() { members["requestBody"] = ["content": ["application/json": ["schema": schema(depth: 2)]]] }
    var responses: [String: Document] = [:]
    for status in ["200", "404", "default"] where isChosen() {
      responses[status] = ["content": ["application/json": ["schema": schema(depth: 2)]]]
    }
    members["responses"] = .object(responses)
    if isChosen() { members["security"] = [["app": []]] }
    return .object(members)
  }

  private mutating func schema(depth: Int) -> Document {
    switch number(below: depth > 0 ? 5 : 3) {
    case 0: return ["type": "string", "maxLength": .integer(Int64(number(below: 3)))]
    case 1: return ["type": "integer"]
    case 2: return ["enum": isChosen() ? ["a", "b"] : ["b", "c"]]
    case 3: return ["type": "array", "items": schema(depth: depth - 1)]
    default:
      var properties: [String: Document] = [:]
      for name in ["x", "y"] where isChosen() { properties[name] = schema(depth: depth - 1) }
      return ["type": "object", "properties": .object(properties), "required": isChosen() ? ["x"] : []]
    }
  }
}

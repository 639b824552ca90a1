internal import DocumentYAML
internal import GatewayAPI
internal import Yams

/// A mapping of a seed, read key by key, so that each error has its place.
struct SeedMapping {
  let file: String
  let now: Timestamp
  let place: Seed.Place?
  private let values: [String: Node]

  /// - Throws: ``SeedError`` when the node is no mapping, or has a key that is not known.
  init(_ node: Node, what: String, keys: [String], file: String, now: Timestamp) throws(SeedError) {
    self.file = file
    self.now = now
    place = node.place
    guard case .mapping(let mapping) = node else {
      throw SeedError(file, node.place, "\(what) must be a mapping", hint: "it takes \(keys.joined(separator: ", "))")
    }
    var values: [String: Node] = [:]
    for (key, value) in mapping {
      guard let name = key.scalar?.string, keys.contains(name) else {
        let name = key.scalar?.string ?? "?"
        throw SeedError(
          file, key.place, "\(what) has no '\(name)'",
          hint: Suggestion.closest(to: name, in: keys).map { "did you mean '\($0)'?" }
            ?? "it takes \(keys.joined(separator: ", "))")
      }
      values[name] = value
    }
    self.values = values
  }

  subscript(_ key: String) -> Node? { values[key] }

  func error(_ key: String, _ message: String, hint: String? = nil) -> SeedError {
    SeedError(file, values[key]?.place ?? place, message, hint: hint)
  }

  func text(_ key: String) throws(SeedError) -> String? {
    guard let node = values[key], node.null == nil else { return nil }
    guard let scalar = node.scalar else { throw error(key, "'\(key)' must be text") }
    return scalar.string
  }

  func required(_ key: String, of what: String) throws(SeedError) -> String {
    guard let text = try text(key), !text.isEmpty else { throw error(key, "\(what) needs '\(key)'") }
    return text
  }

  func boolean(_ key: String) throws(SeedError) -> Bool? {
    guard let node = values[key] else { return nil }
    guard let value = node.bool else { throw error(key, "'\(key)' must be true or false") }
    return value
  }

  func time(_ key: String) throws(SeedError) -> Timestamp? {
    guard let text = try text(key) else { return nil }
    guard let time = Timestamp(text) ?? Timestamp(ago: text, now: now) else {
      throw error(key, "'\(key)' is no time: \(text)", hint: "write 2026-11-20T10:00:00Z or 3 days ago")
    }
    return time
  }

  func list(_ key: String) throws(SeedError) -> [Node] {
    guard let node = values[key], node.null == nil else { return [] }
    guard case .sequence(let elements) = node else { throw error(key, "'\(key)' must be a list") }
    return Array(elements)
  }

  func document(_ key: String) throws(SeedError) -> [String: Document]? {
    guard let node = values[key], node.null == nil else { return nil }
    guard let members = try? YAMLText.document(of: node).objectValue else {
      throw error(key, "'\(key)' must be a mapping of the documented members")
    }
    return members
  }
}

extension Node {
  var place: Seed.Place? { mark.map { Seed.Place(line: $0.line, column: $0.column) } }
}

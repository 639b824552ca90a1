import GatewayAPI

/// One place where two values differ.
struct ValueDifference {
  /// `servers[1].url`; lists count from 1, as scripts do.
  let path: String
  let left: Document?
  let right: Document?

  var text: String { "\(path) \(values)" }

  var values: String { "\(left.shown) → \(right.shown)" }

  /// Members by name, list items by place; in order of their paths.
  static func all(from left: Document, to right: Document, at path: String) -> [ValueDifference] {
    guard left != right else { return [] }
    switch (left, right) {
    case (.object(let old), .object(let new)):
      return Set(old.keys).union(new.keys).sorted().flatMap { name in
        step(old[name], new[name], at: path.isEmpty ? name : "\(path).\(name)")
      }
    case (.array(let old), .array(let new)):
      return (0..<max(old.count, new.count)).flatMap { index in
        step(
          old.indices.contains(index) ? old[index] : nil, new.indices.contains(index) ? new[index] : nil,
          at: "\(path)[\(index + 1)]")
      }
    default: return [ValueDifference(path: path, left: left, right: right)]
    }
  }

  private static func step(_ left: Document?, _ right: Document?, at path: String) -> [ValueDifference] {
    guard let left, let right else {
      return left == nil && right == nil ? [] : [ValueDifference(path: path, left: left, right: right)]
    }
    return all(from: left, to: right, at: path)
  }
}

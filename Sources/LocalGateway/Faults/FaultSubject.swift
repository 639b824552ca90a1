internal import GRDB

/// A request as fault rules see it.
struct FaultSubject: Sendable {
  enum Kind: Sendable {
    case operation(String)
    case token
    case call(path: String)
  }

  let kind: Kind
  /// IDs of the APIs that the request names.
  var apis: [String] = []
}

extension FaultRule {
  /// Whether the request is about the API that the rule is for.
  func concerns(_ subject: FaultSubject, _ db: Database) throws -> Bool {
    guard let api else { return true }
    if subject.apis.contains(api) { return true }
    let named = try String.fetchSet(db, sql: "SELECT id FROM api WHERE name = ?", arguments: [api])
    return subject.apis.contains(where: named.contains)
  }
}

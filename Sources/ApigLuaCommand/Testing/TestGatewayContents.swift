internal import GatewayAPI
internal import LocalGateway

/// What a test's gateway holds, out of the options of `t.gateway`.
struct TestGatewayContents: Sendable {
  private static let day: Int64 = 86_400

  let group: String
  /// Names of the APIs.
  let apis: [String]
  /// How many of the APIs, the first of them, run in an environment.
  let published: [(environment: String, count: Int)]
  /// How many APIs are to be released: those that run nowhere, and as many more with a newer draft.
  let changed: Int
  /// Versions of each API that runs, in each environment.
  let history: Int

  /// - Throws: ``GatewayError`` of kind `usage`.
  init(_ options: Document) throws(GatewayError) {
    group = options["group"]?.stringValue ?? "payments"
    switch options["apis"] {
    case .array(let names)?: apis = names.compactMap(\.stringValue)
    case .integer(let count)? where (1...1000).contains(count):
      let width = max(2, String(count).count)
      let group = group
      apis = (1...count).map { number in
        let digits = String(number)
        return "\(group)-\(String(repeating: "0", count: width - digits.count))\(digits)"
      }
    case nil: apis = (1...8).map { [group] in "\(group)-0\($0)" }
    default: throw Self.wrong("'apis' is a count from 1 to 1000, or a list of names")
    }
    var published: [(environment: String, count: Int)] = []
    for (environment, count) in (options["published"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let count = count.integerValue, (0...apis.count).contains(count) else {
        throw Self.wrong(
          "'published' says how many of the \(apis.count) APIs run in \(environment): 0 to \(apis.count)")
      }
      published.append((environment, count))
    }
    self.published = published
    let unpublished = apis.count - (published.map(\.count).max() ?? 0)
    changed = options["changed"]?.integerValue ?? unpublished
    guard (unpublished...apis.count).contains(changed) else {
      throw Self.wrong(
        "'changed' cannot be \(changed)",
        hint: "it counts the APIs to release, the \(unpublished) that run nowhere among them: "
          + "\(unpublished) to \(apis.count)")
    }
    history = options["history"]?.integerValue ?? 1
    guard (1...10).contains(history) else { throw Self.wrong("'history' is a count from 1 to 10: more is not kept") }
  }

  private static func wrong(_ message: String, hint: String? = nil) -> GatewayError {
    GatewayError(kind: .usage, message: message, hint: hint, operation: "t.gateway")
  }

  /// As a seed is written.
  ///
  /// - Parameter now: the gateway's time when it begins.
  func yaml(now: Timestamp) -> String {
    let draftCount = changed - (apis.count - (published.map(\.count).max() ?? 0))
    let entries = apis.enumerated().map { index, name in api(name, index, isNewer: index < draftCount, now) }
    let environments = Set(["RELEASE", "STAGING", "TEST"] + published.map(\.environment)).sorted()
    // JSON is YAML, and leaves no question of quotes.
    let seed: Document = [
      "environments": .array(environments.map(Document.string)),
      "groups": [["name": .string(group), "apis": .array(entries)]],
    ]
    return seed.jsonText
  }

  private func api(_ name: String, _ index: Int, isNewer: Bool, _ now: Timestamp) -> Document {
    let begun = now.seconds - 90 * Self.day
    var members: [String: Document] = [
      "name": .string(name), "created": .string(Timestamp(seconds: begun).text),
      "definition": definition(name, edition: isNewer ? "second" : "first"),
    ]
    if isNewer { members["changed"] = .string(Timestamp(seconds: now.seconds - Self.day / 2).text) }
    var versions: [Document] = []
    for number in (0..<history).reversed() {
      for (environment, count) in published where index < count {
        let time = Timestamp(seconds: now.seconds - (3 + 7 * Int64(number)) * Self.day)
        versions.append([
          "env": .string(environment), "time": .string(time.text), "remark": "weekly release",
          "definition": definition(name, edition: "first"),
        ])
      }
    }
    if !versions.isEmpty { members["history"] = .array(versions) }
    return .object(members)
  }

  private func definition(_ name: String, edition: String) -> Document {
    [
      "type": 1, "version": "V0.0.1", "req_protocol": "HTTPS", "req_method": "GET", "req_uri": .string("/\(name)"),
      "auth_type": "NONE", "backend_type": "MOCK", "match_mode": "NORMAL",
      "remark": .string("\(name), \(edition) edition"),
      "mock_info": ["result_content": .string("{\"api\":\"\(name)\"}"), "version": "V0.0.1"],
    ]
  }
}

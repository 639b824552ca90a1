internal import GatewayAPI
internal import LocalGateway

/// Where fault rules are put in: a gateway that runs, or the data file of one that does not.
enum FaultDesk: Sendable {
  case running(url: String)
  case file(FaultFile)

  typealias Entry = (rule: String, matched: Int, fired: Int)

  func entries() async throws -> [Entry] {
    switch self {
    case .file(let file): return try await file.entries().map { ($0.rule, $0.matched, $0.fired) }
    case .running(let url):
      let answer = try await LocalAdmin(url: url).ask(.get, "faults")
      return (answer["faults"]?.arrayValue ?? []).map { entry in
        (
          entry["rule"]?.stringValue ?? "", entry["matched"]?.integerValue ?? 0, entry["fired"]?.integerValue ?? 0
        )
      }
    }
  }

  func add(_ rules: [FaultRule]) async throws {
    switch self {
    case .file(let file): try await file.add(rules)
    case .running(let url):
      _ = try await LocalAdmin(url: url).ask(.post, "faults", ["rules": .array(rules.map { .string($0.description) })])
    }
  }

  func clear() async throws {
    switch self {
    case .file(let file): try await file.clear()
    case .running(let url): _ = try await LocalAdmin(url: url).ask(.delete, "faults")
    }
  }
}

internal import GatewayAPI
internal import Synchronization

/// The last requests, in memory: a log that tests and people read must not cost a write each.
final class RequestLog: Sendable {
  static let capacity = 10_000
  /// The most IDs of changed APIs that an entry names.
  static let maximumChangedAPIs = 50

  struct Entry: Sendable {
    let id: String
    let time: Timestamp
    let method: String
    let path: String
    let query: String?
    /// Nil when the connection was ended without an answer.
    let status: Int?
    let duration: Duration
    let facts: Exchange.Facts
  }

  /// A ring: the entry numbered n, from 1, stands at place (n - 1) modulo the capacity.
  private struct Ring {
    var entries: [Entry] = []
    var count = 0
  }

  private let ring = Mutex(Ring())

  func append(_ entry: Entry) {
    ring.withLock { ring in
      if ring.entries.count < Self.capacity {
        ring.entries.append(entry)
      } else {
        ring.entries[ring.count % Self.capacity] = entry
      }
      ring.count += 1
    }
  }

  /// Where reading begins.
  enum Start: Sendable {
    /// So many matching entries before the end.
    case newest
    /// Behind the entry of this number.
    case number(Int)
    /// At this moment.
    case moment(Timestamp)
  }

  /// Entries in the order they came.
  ///
  /// - Parameters:
  ///   - operation: only requests of this operation.
  ///   - limit: the most entries.
  func entries(from start: Start, operation: String?, limit: Int) -> (entries: [(Int, Entry)], total: Int) {
    let (all, count) = ring.withLock { ($0.entries, $0.count) }
    let first = count - all.count
    let numbered = (first..<count).lazy.map { (number: $0 + 1, entry: all[$0 % Self.capacity]) }
    let matching = numbered.filter { number, entry in
      guard operation == nil || entry.facts.operation == operation else { return false }
      return switch start {
      case .newest: true
      case .number(let last): number > last
      case .moment(let moment): entry.time >= moment
      }
    }
    if case .newest = start { return (matching.suffix(limit).map { ($0, $1) }, count) }
    return (matching.prefix(limit).map { ($0, $1) }, count)
  }
}

extension RequestLog.Entry {
  func document(number: Int) -> Document {
    var members: [String: Document] = [
      "number": .integer(Int64(number)), "id": .string(id), "time": .string(time.text), "method": .string(method),
      "path": .string(path), "status": status.map { .integer(Int64($0)) } ?? .null,
      "microseconds": .integer(duration.microseconds), "changed_apis": .array(facts.changedAPIs.map(Document.string)),
      "changed_api_count": .integer(Int64(facts.changedAPICount)),
    ]
    members["query"] = query.map(Document.string)
    members["operation"] = facts.operation.map(Document.string)
    members["caller"] = facts.caller.map(Document.string)
    members["error_code"] = facts.code.map(Document.string)
    members["changed_env"] = facts.changedEnvironment.map(Document.string)
    members["fault"] = facts.fault.map(Document.string)
    return .object(members)
  }
}

internal import GatewayAPI
internal import ReleaseEngine

/// Changes by what became of them: "14 published   1 failed".
struct ChangeTally: Sendable {
  private var words: [String] = []
  private var counts: [String: Int] = [:]
  private(set) var done = 0
  private(set) var failed = 0

  mutating func count(_ change: APIChange) {
    let word = change.outcomeWord
    if counts[word] == nil { words.append(word) }
    counts[word, default: 0] += 1
    done += 1
    if change.isBad { failed += 1 }
  }

  /// What became of all of them; nil when it differs.
  var onlyWord: String? { words.count == 1 ? words.first : nil }

  /// In the order in which they first came; empty for none.
  var text: String { words.map { "\(counts[$0] ?? 0) \($0)" }.joined(separator: "   ") }
}

extension APIChange {
  /// Whether somebody has to look at it.
  var isBad: Bool { [.failed, .unknown, .undoFailed].contains(state) }

  /// What became of the API, in one word or two.
  var outcomeWord: String {
    switch state {
    case .unchanged: return "unchanged"
    case .failed: return "failed"
    case .unknown: return "unknown"
    case .undone: return "undone"
    case .undoFailed: return "not undone"
    case .changed: break
    }
    if operation == "switch_version" { return "switched" }
    if case .none = after { return "taken off" }
    return "published"
  }
}

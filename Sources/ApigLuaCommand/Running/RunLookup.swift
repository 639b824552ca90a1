internal import GatewayAPI
internal import RunJournal

/// Finds the run that someone means.
struct RunLookup: Sendable {
  let store: any JournalStore

  /// - Parameter name: the run's name, the beginning of it, or "last".
  /// - Throws: ``UsageError`` when there is none, or several begin so; `JournalError`.
  func run(_ name: String) async throws -> RunRecord {
    if let run = try await store.run(name) { return run }
    let runs = try await store.runs(limit: 10_000)
    if name == "last", let last = runs.first { return last }
    let prefix = name.hasPrefix("r-") ? name : "r-" + name
    let found = runs.filter { $0.id.hasPrefix(prefix.uppercasedRun) }
    if let only = found.first, found.count == 1 { return only }
    guard found.isEmpty else {
      throw UsageError(
        message: "\(found.count) runs begin with '\(name)'",
        hint: found.prefix(5).map { "\($0.id)  \($0.command)" }.joined(separator: "\n  "))
    }
    throw UsageError(
      message: "the journal has no run '\(name)'",
      hint: Suggestion.closest(to: name, in: runs.map(\.id)).map { "did you mean '\($0)'?" }
        ?? "apig-lua journal list shows them")
  }
}

extension String {
  /// A run's name as it is written: "r-" and capitals.
  fileprivate var uppercasedRun: String { "r-" + dropFirst(2).uppercased() }
}

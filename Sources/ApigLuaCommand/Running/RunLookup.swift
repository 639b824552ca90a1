internal import GatewayAPI
internal import RunJournal

/// Finds the run that someone means.
struct RunLookup: Sendable {
  let store: any JournalStore

  /// - Parameter name: the run's name, the beginning of it, or "last".
  /// - Throws: ``UsageError`` when there is none, or several begin so; `JournalError`.
  func run(_ name: String) async throws -> RunRecord {
    if name == "last", let last = try await store.runs(limit: 1).first { return last }
    if let run = try await store.run(name) { return run }
    let found = name.isEmpty ? [] : try await store.runs(beginning: name.asRunName, limit: 6)
    if let only = found.first, found.count == 1 { return only }
    guard found.isEmpty else {
      throw UsageError(
        message: "\(found.count > 5 ? "more than 5" : "\(found.count)") runs begin with '\(name)'",
        hint: found.prefix(5).map { "\($0.id)  \($0.command)" }.joined(separator: "; "))
    }
    let recent = try await store.runs(limit: 200).map(\.id)
    throw Self.unknown(name, hint: Suggestion.closest(to: name.asRunName, in: recent).map { "did you mean '\($0)'?" })
  }

  /// The run that someone means to go on with.
  ///
  /// - Parameter name: of `last` runs that are at an end do not count, unless there is no other.
  /// - Throws: as ``run(_:)``.
  func unfinishedRun(_ name: String) async throws -> RunRecord {
    if name == "last", let last = try await store.unfinishedRuns().first { return last }
    return try await run(name)
  }

  /// What is said of a run that is not there.
  static func unknown(_ name: String, hint: String?) -> UsageError {
    UsageError(message: "the journal has no run '\(name)'", hint: hint ?? "apig-lua journal list shows those it has")
  }
}

extension String {
  /// The name of a run, or its beginning, as it is written: "r-" and capitals.
  fileprivate var asRunName: String { "r-" + (hasPrefix("r-") ? dropFirst(2).uppercased() : uppercased()) }
}

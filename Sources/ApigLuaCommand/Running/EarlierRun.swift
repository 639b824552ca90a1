internal import GatewayAPI
internal import RunJournal

/// What the journal holds of a run that another process began.
struct EarlierRun: Sendable {
  var record: RunRecord
  let entries: [JournalEntry]
  /// Whether the script or a module is not what it was, and that was accepted.
  var hasChangedScript = false

  /// What a resumed run says first: what is replayed, what is in doubt, and what else was cut off.
  func announcement(of script: String, _ moment: MomentText) -> [String] {
    let count = entries.count
    let sameness = hasChangedScript ? "changed since, which was accepted" : "same file, same parameters"
    return ["  replay    \(count) journal entr\(count == 1 ? "y" : "ies") of \(script) (\(sameness))"]
      + entries.withoutEnd.map { entry in
        entry.changedGateway == nil
          ? "  cut off   \(entry.title), since \(moment(entry.time))"
          : "  in doubt  \(entry.title): sent \(moment(entry.time)), no answer was kept"
      }.map(\.withoutControlCharacters)
  }

  /// The modules that it was made of: names and digests.
  var modules: [(name: String, digest: String)] { marks("module") }

  /// The packages that it used: names and digests.
  var packages: [(name: String, digest: String)] { marks("package") }

  private func marks(_ operation: String) -> [(name: String, digest: String)] {
    entries.filter { $0.kind == .mark && $0.operation == operation }.compactMap { entry in
      guard let name = entry.body["name"]?.stringValue, let digest = entry.body["digest"]?.stringValue else {
        return nil
      }
      return (name, digest)
    }
  }
}

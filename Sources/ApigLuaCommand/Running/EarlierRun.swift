internal import GatewayAPI
internal import RunJournal

/// What the journal holds of a run that another process began.
struct EarlierRun: Sendable {
  var record: RunRecord
  let entries: [JournalEntry]
  /// Whether the script or a module is not what it was, and that was accepted.
  var hasChangedScript = false

  /// Titles of what was begun and has no end: "publish pay-a in RELEASE: sent 09:41:02, no answer".
  var inDoubt: [String] {
    entries.withoutEnd.map { "\($0.title): begun \($0.time.text), no answer was kept" }
  }

  /// The modules that it was made of: names and digests.
  var modules: [(name: String, digest: String)] {
    entries.filter { $0.kind == .mark && $0.operation == "module" }.compactMap { entry in
      guard let name = entry.body["name"]?.stringValue, let digest = entry.body["digest"]?.stringValue else {
        return nil
      }
      return (name, digest)
    }
  }
}

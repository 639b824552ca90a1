internal import GatewayAPI
internal import GatewayScripting
internal import ReleaseEngine
internal import RunJournal

extension Settings {
  /// Takes what another run did not leave changed as all that a script may select.
  ///
  /// - Parameter run: the run of `--only-failed-of`; nil leaves everything.
  /// - Throws: ``UsageError`` for a run that is none, or that left nothing to do.
  mutating func narrow(toFailedOf run: String?) async throws {
    guard let run else { return }
    let store = try JournalFile.open(variables)
    let record = try await RunLookup(store: store).run(run)
    let dossier = try await RunDossier(record, in: store)
    let left = dossier.changes.apis.filter { $0.state != .changed && $0.state != .unchanged }
    guard !left.isEmpty else {
      throw UsageError(
        message: "\(record.id) left no API failed or undone", hint: "apig-lua status \(record.id) tells what it did")
    }
    narrowing.apiIDs = Set(left.map(\.apiID))
  }

  /// The flags that hold for a resumed run too, the narrowing among them.
  func keptFlags(_ options: EngineOptions) -> [String: String] {
    var flags = options.kept
    // The run may be resumed in another folder.
    for name in ["allow", "deny"] where flags[name] != nil {
      flags[name] = Self.permissions(flags[name]).map { $0.located(in: project).description }.joined(separator: "\n")
    }
    if let ids = narrowing.apiIDs { flags["only-apis"] = ids.sorted().joined(separator: ",") }
    return flags
  }

  /// The narrowing of a run that goes on.
  mutating func adoptNarrowing(_ flags: [String: String]) {
    func words(_ name: String) -> [String]? { flags[name]?.split(separator: ",").map(String.init) }
    narrowing.only = words("only") ?? []
    narrowing.skip = words("skip") ?? []
    narrowing.apiIDs = words("only-apis").map { Set($0) }
  }
}

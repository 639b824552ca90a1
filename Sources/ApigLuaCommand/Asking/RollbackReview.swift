internal import GatewayAPI
internal import ReleaseEngine
internal import RunJournal

/// Asks before a finished run is undone, once for each protected environment that the undo would change.
struct RollbackReview: Sendable {
  let settings: Settings
  let record: RunRecord
  let entries: [JournalEntry]

  /// - Throws: ``GatewayError`` of kind `refused`; what keeps the gateway from being asked for its environments.
  func ask() async throws {
    let gateways = entries.changedGateways.filter { name in
      settings.gateways[name]?.environments.contains { $0.protection != .none } ?? false
    }
    guard !gateways.isEmpty else { return }
    let approvals = Approvals(settings: settings, recorder: RunRecorder(), script: record.command, folder: ".")
    // The cassette is the undo's.
    var reading = settings
    reading.recordFile = nil
    try await withReadingGateways(reading, for: nil) { open in
      for gateway in gateways {
        let run = try await open(gateway)
        await run.restore(entries)
        var counts: [String: Int] = [:]
        for change in await run.changes.apis where change.state != .undone && change.state != .unchanged {
          if let id = change.environmentID { counts[id, default: 0] += 1 }
        }
        for (id, count) in counts.sorted(by: { $0.key < $1.key }) {
          guard let name = try await run.names.environmentName(id: id) else { continue }
          try await approvals.reviewUndo(of: record.id, count: count, id: id, name: name, on: gateway)
        }
      }
    }
  }
}

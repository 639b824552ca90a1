internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal

/// The unfinished run that keeps an environment from another: how far it came, and how to end it.
struct HoldingRun: Sendable {
  private let lease: Lease
  private let dossier: RunDossier

  /// - Parameter error: what ended the run that wanted the environment.
  /// - Returns: nil where the holder is alive, is not in this journal, or has nothing to do with it.
  /// - Throws: `JournalError`.
  init?(_ error: (any Error)?, in open: JournalOpening) async throws {
    guard let held = ((error as? LuaError)?.underlying ?? error) as? EnvironmentHeld,
      !held.lease.isLive(at: .now(), seenFrom: ProcessFacts.current.host)
    else {
      return nil
    }
    let store = try await open()
    guard let record = try await store.run(held.lease.fence.run) else { return nil }
    lease = held.lease
    dossier = try await RunDossier(record, in: store)
  }

  func text(exit: Int32, style: Style, moment: MomentText) -> String {
    let record = dossier.record
    let stopped = record.endedAt ?? dossier.entries.last?.time ?? record.startedAt
    let word = record.endedAt == nil ? "cut off" : "stopped"
    var lines = [
      "\(style.bad) an unfinished run holds \(lease.fence.scope)   exit \(exit)",
      "    \(record.id)  \(record.command.withoutControlCharacters)   by \(record.user)   \(word) \(moment(stopped))",
      "    " + progress(style),
    ]
    for entry in dossier.inDoubt {
      lines.append("    in doubt: \(entry.title.withoutControlCharacters), sent \(moment(entry.time))")
    }
    lines.append("")
    let commands = dossier.nextCommands
    let width = commands.map(\.command.count).max() ?? 0
    for (command, purpose) in commands {
      lines.append("  " + command + String(repeating: " ", count: width - command.count + 4) + purpose)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// "wave 2/3 of 30 items: 11 published to RELEASE, 1 unknown"
  private func progress(_ style: Style) -> String {
    let deeds = dossier.deeds(style)
    let done = deeds.isEmpty ? "nothing changed yet" : deeds
    guard let wave = dossier.wave else { return done }
    return "wave \(wave.label)" + (wave.total.map { " of \($0) item\($0 == 1 ? "" : "s")" } ?? "") + ": \(done)"
  }
}

extension RunDossier {
  /// The wave that was begun and did not come to its end; the total of all waves where the journal tells it.
  fileprivate var wave: (label: String, total: Int?)? {
    guard let last = entries.last(where: { $0.kind == .mark && $0.operation == "wave" }),
      last.body["state"]?.stringValue == "begin", let label = last.body["label"]?.stringValue
    else { return nil }
    return (label, last.body["total"]?.integerValue.map { Int($0) })
  }
}

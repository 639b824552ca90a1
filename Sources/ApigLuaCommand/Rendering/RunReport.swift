internal import GatewayAPI
internal import RunJournal

/// One run, as `status RUN` and `journal show RUN` tell it.
struct RunReport: Sendable {
  let dossier: RunDossier
  let style: Style
  let moment: MomentText

  private var record: RunRecord { dossier.record }

  /// What it is, how it stands, what it did, and what to type next.
  var text: String {
    head + changes + next
  }

  /// What it is and how it stands.
  var head: String {
    var facts = [
      ("command", record.command), ("gateway", gateway), ("by", author), ("began", moment(record.startedAt)),
    ]
    if let ended = record.endedAt { facts.append((record.state == .stopped ? "stopped" : "ended", moment(ended))) }
    let deeds = dossier.deeds(style)
    facts.append(("did", deeds.isEmpty ? "nothing" : deeds))
    for entry in dossier.inDoubt {
      let place = entry.place.map { "   \($0)" } ?? ""
      facts.append(("in doubt", "\(entry.title): begun \(moment(entry.time)), no answer was kept\(place)"))
    }
    for entry in dossier.broken { facts.append(("cut off", "\(entry.title), since \(moment(entry.time))")) }
    for lease in dossier.leases { facts.append(("holds", lease.fence.scope.name)) }
    let count = dossier.entries.count
    facts.append(("journal", "\(count) entr\(count == 1 ? "y" : "ies")"))
    let lines = facts.map { name, value in
      "  " + name.padding(to: 10) + value.withoutControlCharacters + "\n"
    }
    return "\(record.id)   \(state)\n" + lines.joined()
  }

  /// What became of each API.
  var changes: String {
    let text = ChangeReport(changes: dossier.changes, style: style).text
    return text.isEmpty ? "" : "\n" + text
  }

  /// What became of each API, for machines.
  var table: DataTable { ChangeReport(changes: dossier.changes, style: style).table }

  /// What to type next.
  var next: String {
    let commands = dossier.nextCommands
    guard !commands.isEmpty else { return "" }
    let width = commands.map(\.command.count).max() ?? 0
    return "\n" + commands.map { "  \($0.command.padding(to: width + 4))\($0.purpose)\n" }.joined()
  }

  private var state: String {
    let meaning: Style.Meaning =
      switch record.standing {
      case .cutOff: .failed
      case .running, .stopped: .waiting
      case .finished, .rolledBack: record.exitCode == 0 ? .changedWell : .failed
      }
    let exit = record.exitCode.map { ", exit \($0)" } ?? ""
    return style.text(record.standing.rawValue + exit, meaning)
  }

  private var gateway: String {
    [record.gateway, record.environment].compactMap(\.self).joined(separator: "/")
  }

  private var author: String {
    switch record.standing {
    case .running: "\(record.user), process \(record.process.number) on \(record.host)"
    case .cutOff: "\(record.user), process \(record.process.number), which is gone"
    default: record.user
    }
  }
}

extension String {
  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }
}

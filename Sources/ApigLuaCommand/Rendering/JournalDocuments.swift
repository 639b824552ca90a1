internal import GatewayAPI
internal import ReleaseEngine
internal import RunJournal

/// What the journal has, as machines read it. Members are added, never renamed.
extension RunRecord {
  var document: Document {
    [
      "run": .string(id), "state": .string(state.rawValue), "command": .string(command), "user": .string(user),
      "host": .string(host), "process": .integer(Int64(process.number)),
      // What happens on another host cannot be seen from here.
      "process_is_gone": host == ProcessFacts.current.host ? .boolean(process.isGone) : .null,
      "gateway": .string(gateway), "env": environment.map(Document.string) ?? .null,
      "started": .string(startedAt.text), "ended": endedAt.map { .string($0.text) } ?? .null,
      "exit": exitCode.map { .integer(Int64($0)) } ?? .null, "summary": summary,
    ]
  }
}

extension JournalEntry {
  var document: Document {
    [
      "sequence": .integer(sequence), "kind": .string(kind.rawValue), "time": .string(time.text),
      "branch": .string(branch), "operation": .string(operation), "digest": .string(digest),
      "occurrence": .integer(Int64(occurrence)), "refers_to": refersTo.map(Document.integer) ?? .null,
      "title": .string(title), "place": place.map(Document.string) ?? .null, "body": body,
    ]
  }
}

extension RunDossier {
  var document: Document {
    var members = record.document.objectValue ?? [:]
    members["apis"] = .array(changes.apis.map(ResultDocument.entry))
    members["in_doubt"] = .array(
      inDoubt.map { entry in
        [
          "title": .string(entry.title), "time": .string(entry.time.text),
          "place": entry.place.map(Document.string) ?? .null,
        ]
      })
    members["locks"] = .array(leases.map { .string($0.fence.scope.name) })
    members["entries"] = .integer(Int64(entries.count))
    members["next"] = .array(nextCommands.map { .string($0.command) })
    return .object(members)
  }
}

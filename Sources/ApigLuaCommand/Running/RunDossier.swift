internal import GatewayAPI
internal import ReleaseEngine
internal import RunJournal

/// All that the journal has on one run.
struct RunDossier: Sendable {
  let record: RunRecord
  let entries: [JournalEntry]
  /// What it changed, by its own account.
  let changes: RunChanges
  /// The locks that it holds, or that are kept for it.
  let leases: [Lease]

  /// - Throws: `JournalError`.
  init(_ record: RunRecord, in store: any JournalStore) async throws {
    self.record = record
    entries = try await store.entries(of: record.id, from: 1)
    changes = await Self.changes(by: entries)
    leases = try await store.leases().filter { $0.fence.run == record.id }
  }

  /// Changes of a gateway that were begun and have no end in the journal: nobody knows whether they were carried out.
  var inDoubt: [JournalEntry] { entries.withoutEnd.filter { $0.changedGateway != nil } }

  /// What else was begun and has no end: waits, questions.
  var broken: [JournalEntry] { entries.withoutEnd.filter { $0.changedGateway == nil } }

  /// Nothing is asked: names that the journal does not tell stay IDs.
  private static func changes(by entries: [JournalEntry]) async -> RunChanges {
    var changes = RunChanges()
    for name in entries.changedGateways {
      var configuration = ReleaseRun.Configuration()
      configuration.gatewayName = name
      let run = ReleaseRun(gateway: UnaskedGateway(), configuration: configuration)
      await run.restore(entries)
      await run.completeNames()
      let part = await run.changes
      changes.apis += part.apis
      changes.others += part.others
    }
    let names = entries.apiNames
    for index in changes.apis.indices where changes.apis[index].apiName == nil {
      changes.apis[index].apiName = names[changes.apis[index].apiID]
    }
    return changes
  }

  private var holdsLiveLock: Bool {
    leases.contains { $0.isLive(at: .now(), seenFrom: ProcessFacts.current.host) }
  }

  /// - Parameter condition: when it may be typed.
  private func goingOn(_ condition: String = "") -> [(command: String, purpose: String)] {
    // What was typed in a session is not done again.
    if SessionCommand.isMeant(by: record.command), !entries.showUndo { return [] }
    return entries.showUndo
      ? [("apig-lua rollback \(record.id)", "go on undoing it" + condition)]
      : [("apig-lua resume \(record.id)", "go on where it stopped" + condition)]
  }

  /// What to type next, and what it does; the likeliest first.
  var nextCommands: [(command: String, purpose: String)] {
    let id = record.id
    let rollback = (command: "apig-lua rollback \(id)", purpose: "undo what it changed")
    let kept = changes.areKept && !entries.showUndo ? [rollback] : []
    switch record.standing {
    case .running:
      // Of a process on another host only locks tell, and none of its does any more.
      guard record.host != ProcessFacts.current.host, !holdsLiveLock else { return [] }
      return goingOn(", if it is gone from \(record.host)") + kept
    case .cutOff, .stopped: return goingOn() + kept
    case .finished, .rolledBack:
      if changes.holdFailedUndos { return [("apig-lua rollback \(id) --only-failed", "try again what is not undone")] }
      return changes.areKept ? [rollback] : []
    }
  }
}

/// Stands where nothing is asked: an account of a run comes from its journal alone.
private struct UnaskedGateway: Gateway {
  let product = GatewayProduct.apigw

  func perform<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    throw GatewayError(
      kind: .unavailable, message: "a journal is read without its gateway", operation: Operation.descriptor.name)
  }
}

extension [JournalEntry] {
  /// What was begun and has no end.
  var withoutEnd: [JournalEntry] {
    let ended = Set(compactMap(\.refersTo))
    return filter { $0.kind == .intent && !ended.contains($0.sequence) }
  }

  /// Whether an undo of the whole run was begun.
  var showUndo: Bool { contains { $0.kind == .process && $0.operation == "rollback" } }

  /// The gateways that something was to be changed on, in the order of the first time.
  var changedGateways: [String] {
    var names: [String] = []
    for case let name? in map(\.changedGateway) where !names.contains(name) { names.append(name) }
    return names
  }

  /// The names of APIs that the run read in lists, by ID.
  fileprivate var apiNames: [String: String] {
    var names: [String: String] = [:]
    for entry in self where entry.kind == .answer {
      for api in entry.body["answer"]?["apis"]?.arrayValue ?? [] {
        if let id = api["id"]?.stringValue, let name = api["name"]?.stringValue { names[id] = name }
      }
    }
    return names
  }
}

/// Where a run stands, as far as can be seen from here.
enum RunStanding: String, Sendable {
  case running
  /// Its process is gone, and did not say how it ended.
  case cutOff = "cut off"
  case stopped
  case finished
  case rolledBack = "rolled back"
}

extension RunRecord {
  var standing: RunStanding {
    switch state {
    case .running: host == ProcessFacts.current.host && process.isGone ? .cutOff : .running
    case .stopped: .stopped
    case .finished: .finished
    case .rolledBack: .rolledBack
    }
  }
}

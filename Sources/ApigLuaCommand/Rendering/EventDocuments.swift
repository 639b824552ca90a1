internal import GatewayAPI
internal import GatewayScripting
internal import ReleaseEngine
internal import RunJournal

/// What a run tells, as a line of `ndjson` has it: the name of the event and its members.
struct EventDocument: Sendable {
  let name: String
  let members: [String: Document]

  /// - Parameter origin: of the change that it tells of.
  init(_ event: RunEvent, origin: (APIChange) -> ChangeOrigins.Origin) {
    switch event {
    case .willChange(let operation, let action, let count, let environmentID):
      self.init(
        "change_began", ["operation": .string(operation), "action": .string(action), "count": .integer(Int64(count))],
        ["env": environmentID])
    case .didEndChange(let operation, let action, let count):
      self.init(
        "change_ended", ["operation": .string(operation), "action": .string(action), "count": .integer(Int64(count))])
    case .didChange(let change, let action):
      let origin = origin(change)
      self.init(
        "api", (ResultDocument.entry(change).objectValue ?? [:]).merging(["action": .string(action)]) { $1 },
        ["wave": origin.wave, "where": origin.place])
    case .willSettle(let operation, let reason):
      self.init("settling", ["operation": .string(operation), "reason": .string(reason)])
    case .didSettle(let settled):
      self.init(
        "settled",
        [
          "title": .string(settled.title), "applied": .integer(Int64(settled.applied)),
          "not_applied": .integer(Int64(settled.notApplied)), "unknown": .integer(Int64(settled.unknown)),
        ])
    case .willUndo(let count, _): self.init("undo_began", ["count": .integer(Int64(count))])
    case .willWaitForLock(let lease):
      self.init(
        "lock_awaited",
        [
          "scope": .string(lease.fence.scope.name), "run": .string(lease.fence.run), "holder": .string(lease.holder),
        ])
    case .didLock(let lease, _): self.init("locked", ["scope": .string(lease.fence.scope.name)])
    }
  }

  init(_ event: ScriptEvent) {
    switch event {
    case .stepBegan(let name): self.init("step_began", ["name": .string(name)])
    case .stepEnded(let name, let isGood):
      self.init("step_ended", ["name": .string(name), "good": .boolean(isGood)])
    case .waveBegan(let label, let count, let behind, let total):
      self.init(
        "wave_began",
        [
          "wave": .string(label), "count": .integer(Int64(count)), "behind": .integer(Int64(behind)),
          "total": .integer(Int64(total)),
        ])
    case .waveEnded(let label, let count):
      self.init("wave_ended", ["wave": .string(label), "count": .integer(Int64(count))])
    case .waitBegan(let duration, let reason):
      self.init("wait_began", ["seconds": .number(duration / .seconds(1))], ["reason": reason])
    case .probed(let name, let count, let total):
      self.init("probed", ["name": .string(name), "count": .integer(Int64(count)), "total": .integer(Int64(total))])
    case .healthChecked(let name, let text, let isGood):
      self.init("health_checked", ["name": .string(name), "text": .string(text), "good": .boolean(isGood)])
    case .failed(let cause): self.init("failed", ["cause": .string(cause)])
    }
  }

  init(_ name: String, _ members: [String: Document], _ texts: [String: String?] = [:]) {
    self.name = name
    self.members = members.merging(texts.mapValues { $0.map(Document.string) ?? .null }) { $1 }
  }

  /// - Parameter time: when it happened.
  func line(at time: Timestamp) -> String {
    Document.object(members.merging(["time": .string(time.text)]) { $1 }).line(of: name)
  }
}

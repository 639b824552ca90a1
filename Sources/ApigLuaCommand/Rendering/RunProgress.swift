internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import ReleaseEngine
internal import RunJournal

/// How far a run is: made of its events, told in lines that stay and in lines that change.
///
/// It looks at no clock: whoever tells it something says when that was.
struct RunProgress: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// The largest call whose changes get a line each.
  static let longestList = 20

  let manner: ProgressManner
  let style: Style
  let began: Instant
  /// What the clients did so far.
  var statistics = ClientStatistics()

  private var wave: Wave?
  private var steps: [String] = []
  private var calls: [Calls] = []
  private var undo: Undo?
  private var wait: Wait?
  private var probe: (name: String, count: Int, total: Int)?
  private var tally = ChangeTally()
  /// What made the part of the script fail that is about to be undone.
  private var cause: String?
  /// The wave that did not come to a good end: "2/4".
  private(set) var failedWave: String?
  /// What an earlier process of the run had done.
  private(set) var history = History()

  /// How many APIs an earlier process changed, and how many of its were found to be carried out.
  struct History: Sendable {
    private var changed: Set<[String?]> = []
    var settled = 0

    /// Takes up what an earlier process did to an API; what it tried in vain is no change, and two of them are one API.
    mutating func note(_ change: APIChange) {
      guard change.state == .changed else { return }
      changed.insert([change.gateway, change.apiID, change.environmentID])
    }

    /// "2 before, 1 settled"; nil for a run that was never stopped.
    var text: String? {
      let parts = [(changed.count, "before"), (settled, "settled")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
      return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
  }

  private struct Wave {
    let label: String
    let count: Int
    /// Items of earlier waves, and of all waves.
    let behind: Int
    let total: Int
    let began: Instant
    var tally = ChangeTally()
    /// Of the tally.
    var history = History()
    /// How the last check came out.
    var check: String?
    var isGood = true
  }

  /// The calls of one operation and action that are on their way at once.
  private struct Calls {
    let operation: String
    let action: String
    var began: Instant
    var open = 0
    var total = 0
    /// How many APIs the largest of them is for.
    var largest = 0
    var tally = ChangeTally()
  }

  private struct Undo {
    let count: Int
    let began: Instant
    var tally = ChangeTally()
  }

  private struct Wait {
    let began: Instant
    let duration: Duration
    let reason: String?
  }

  init(manner: ProgressManner, style: Style, at now: Instant) {
    self.manner = manner
    self.style = style
    began = now
  }

  // MARK: - Events

  /// - Returns: the lines that stay.
  mutating func note(_ event: ScriptEvent, at now: Instant) -> [String] {
    switch event {
    case .stepBegan(let name):
      let name = name.withoutControlCharacters
      steps.append(name)
      return ["  step      \(name)"]
    case .stepEnded(let name, let isGood):
      let name = name.withoutControlCharacters
      if let index = steps.lastIndex(of: name) { steps.remove(at: index) }
      return isGood ? [] : ["  \(bad) step    \(name)"]
    case .waveBegan(let label, let count, let behind, let total):
      let before = endWave(isGood: nil, at: now)
      wave = Wave(label: label, count: count, behind: behind, total: total, began: now)
      let share = total > count ? " of \(total)" : ""
      return before + (manner == .live ? [] : ["  wave \(label)   \(count)\(share) item\(total == 1 ? "" : "s")"])
    case .waveEnded: return endWave(isGood: nil, at: now)
    case .waitBegan(let duration, let reason):
      let reason = reason?.withoutControlCharacters
      let duration = duration.toTenths
      wait = Wait(began: now, duration: duration, reason: reason)
      // In a wave that is shown, the region tells of it.
      if manner == .live, wave != nil { return [] }
      return ["  wait      \(duration.text)" + (reason.map { "  \($0)" } ?? "")]
    case .probed(let name, let count, let total):
      probe = (name.withoutControlCharacters, count, total)
      return []
    case .healthChecked(let name, let text, let isGood):
      let name = name.withoutControlCharacters
      let text = text.withoutControlCharacters
      probe = nil
      // The result of probes is a number of them.
      let isProbe = text.first?.isNumber == true
      wave?.check = isProbe ? "probe \(text)" : "check \(name) \(text)"
      if !isGood { wave?.isGood = false }
      if manner == .live, wave != nil, isGood { return [] }
      return ["  \(isGood ? good : bad) \(isProbe ? "probe" : "check") \(name)   \(text)"]
    case .failed(let cause):
      self.cause = cause.withoutControlCharacters
      return []
    }
  }

  /// Takes up how far an earlier process of the run had come; it was told then.
  mutating func restore(_ event: ScriptEvent, at now: Instant) {
    switch event {
    case .stepBegan(let name): steps.append(name.withoutControlCharacters)
    case .waveBegan(let label, let count, let behind, let total):
      wave = Wave(label: label, count: count, behind: behind, total: total, began: now)
    case .waveEnded: wave = nil
    case .stepEnded, .waitBegan, .probed, .healthChecked, .failed: _ = note(event, at: now)
    }
  }

  /// Takes up what an earlier process of the run changed.
  mutating func restore(_ change: APIChange) {
    tally.count(change)
    wave?.tally.count(change)
    history.note(change)
    wave?.history.note(change)
  }

  /// - Returns: the lines that stay.
  mutating func note(_ event: RunEvent, at now: Instant) -> [String] {
    switch event {
    case .willChange(let operation, let action, let count, _):
      guard count > 0 else { return ["  \(action)"] }
      begin(operation, action, count: count, at: now)
      return manner == .live || count == 1 ? [] : ["  \(action)   \(count) APIs"]
    case .didEndChange(let operation, let action, let count): return end(operation, action, count: count, at: now)
    case .didChange(let change, let action): return count(change, action, at: now)
    case .willUndo(let count, let patience):
      var before = endWave(isGood: false, at: now)
      if let cause { before.append(before.isEmpty ? "  \(bad) \(cause)" : "      \(cause)") }
      cause = nil
      wait = nil
      probe = nil
      undo = Undo(count: count, began: now)
      return before
        + ["  undoing \(count) change\(count == 1 ? "" : "s"), newest first   (budget \(patience.wholeText))"]
    case .willSettle: return []
    case .didSettle(let settled):
      if settled.isResumed {
        history.settled += settled.applied
        wave?.history.settled += settled.applied
      }
      return settled.isResumed ? ["  settled   \(settlement(settled))"] : []
    case .willWaitForLock(let lease):
      return [
        "  lock      waiting for \(lease.fence.scope): held by \(lease.holder), run \(lease.fence.run), since "
          + MomentText(.error)(lease.since)
      ]
    case .didLock(let lease, let duration):
      return ["  lock      \(lease.fence.scope) taken (\(lease.holder), \(duration.wholeText) lease, renewed)"]
    }
  }

  /// The run is over.
  ///
  /// - Returns: the lines that stay.
  mutating func end(isGood: Bool, at now: Instant) -> [String] {
    let lines = endWave(isGood: isGood, at: now)
    calls = []
    return lines
  }

  /// "publish pay-a in RELEASE: the history shows a version of … with the mark al:01KB9Q:1 → it was applied"
  func settlement(_ settled: SettledChange) -> String {
    let arrow = style.arrow
    let title = settled.title.withoutControlCharacters
    let count = settled.applied + settled.notApplied + settled.unknown
    if count > 1 {
      let parts = [(settled.applied, "applied"), (settled.notApplied, "not applied"), (settled.unknown, "unknown")]
      let text = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      return "\(title): the gateway was asked \(arrow) \(text) of \(count)"
    }
    if settled.applied > 0 {
      guard let mark = settled.mark, let time = settled.publishTime else {
        return "\(title): the gateway shows it \(arrow) it was applied"
      }
      let moment = Timestamp(time).map { MomentText(.error)($0) } ?? time
      return "\(title): the history shows a version of \(moment) with the mark \(mark) \(arrow) it was applied"
        .withoutControlCharacters
    }
    if settled.notApplied > 0 { return "\(title): the gateway shows nothing of it \(arrow) it was not applied" }
    return "\(title): the gateway could not be asked \(arrow) still unknown"
  }

  private mutating func begin(_ operation: String, _ action: String, count: Int, at now: Instant) {
    let index =
      index(of: operation, action)
      ?? {
        calls.append(Calls(operation: operation, action: action, began: now))
        return calls.count - 1
      }()
    calls[index].open += 1
    calls[index].total += count
    calls[index].largest = max(calls[index].largest, count)
  }

  /// A batch that publishes and one that takes offline are told apart by the action.
  private func index(of operation: String, _ action: String) -> Int? {
    calls.firstIndex { $0.operation == operation && $0.action == action }
  }

  private mutating func end(_ operation: String, _ action: String, count: Int, at now: Instant) -> [String] {
    guard count > 0, let index = index(of: operation, action) else { return [] }
    calls[index].open -= 1
    guard calls[index].open == 0 else { return [] }
    let group = calls.remove(at: index)
    switch manner {
    case .live where wave != nil: return []
    case .live: break
    default: guard group.largest > Self.longestList else { return [] }
    }
    let failed = group.tally.failed > 0 ? "   \(group.tally.failed) failed" : ""
    let mark = group.tally.failed > 0 ? bad : good
    return [
      "  \(mark) \(group.action)   \(group.tally.done)/\(group.total)\(failed)   \((now - group.began).elapsedText)"
    ]
  }

  private mutating func count(_ change: APIChange, _ action: String, at now: Instant) -> [String] {
    let name = (change.apiName ?? change.apiID).withoutControlCharacters
    let reason = (change.error.map { ": \($0.reason)" } ?? "").withoutControlCharacters
    if change.state == .undone || change.state == .undoFailed {
      guard undo != nil else { return [] }
      undo?.tally.count(change)
      let line = "    \(name)   \(change.outcomeWord)\(reason)"
      let isListed = manner != .live && (undo?.count ?? 0) <= Self.longestList
      return (isListed ? [line] : []) + endUndo(at: now)
    }
    tally.count(change)
    wave?.tally.count(change)
    guard let index = index(of: change.operation, action) else { return [] }
    calls[index].tally.count(change)
    guard manner != .live, calls[index].largest <= Self.longestList else { return [] }
    let word = change.isBad ? style.text(change.outcomeWord, .failed) : change.outcomeWord
    let subject = calls[index].largest == 1 ? "  \(calls[index].action)   \(name)" : "    \(name)"
    return ["\(subject)   \(word)\(reason)"]
  }

  private mutating func endUndo(at now: Instant) -> [String] {
    guard let undo, undo.tally.done >= undo.count else { return [] }
    self.undo = nil
    let good = undo.count - undo.tally.failed
    let mark = undo.tally.failed > 0 ? bad : self.good
    return ["  \(mark) undone   \(good)/\(undo.count) in \((now - undo.began).elapsedText)"]
  }

  private mutating func endWave(isGood: Bool?, at now: Instant) -> [String] {
    guard let wave else { return [] }
    self.wave = nil
    wait = nil
    probe = nil
    let isGood = isGood != false && wave.isGood && wave.tally.failed == 0
    if !isGood { failedWave = wave.label }
    var parts = ["wave \(wave.label)"]
    if !wave.tally.text.isEmpty { parts.append(wave.tally.text) }
    if let history = wave.history.text { parts.append("(\(history))") }
    if let check = wave.check { parts.append(check) }
    parts.append((now - wave.began).elapsedText)
    return ["  \(isGood ? good : bad) \(parts.joined(separator: "   "))"]
  }

  private var good: String { manner == .log ? "ok" : style.good }
  private var bad: String { manner == .log ? "FAILED" : style.bad }

  // MARK: - What goes on

  /// What is to be seen at a moment, from top to bottom; empty when nothing goes on.
  func lines(at now: Instant) -> [RegionLine] {
    var lines: [RegionLine] = []
    if let undo {
      lines.append(active("undoing   \((now - undo.began).elapsedText)"))
      lines.append(bar(undo.tally.done, of: undo.count))
    } else {
      let activity = self.activity(at: now)
      let titles = titles
      for (index, title) in titles.enumerated() {
        lines.append(active(index == titles.count - 1 ? ([title] + activity).joined(separator: separator) : title))
      }
      if titles.isEmpty, !activity.isEmpty { lines.append(active(activity.joined(separator: separator))) }
      if let wave, wave.count > 0 {
        lines.append(bar(wave.behind + min(wave.tally.done, wave.count), of: max(wave.total, wave.count)))
      } else if let calls = calls.first(where: { $0.total > 1 }) {
        lines.append(bar(calls.tally.done, of: calls.total))
      }
    }
    guard !lines.isEmpty else { return [] }
    let keys = undo == nil ? "Ctrl-C stops safely" : "Ctrl-C does not stop an undo"
    lines.append(RegionLine(heldBack.map { "  limit     \($0)" } ?? "", .waiting, trailing: keys))
    return lines
  }

  /// One line on how far it is, for a reader who has seen nothing for a while.
  func heartbeat(at now: Instant) -> String {
    var parts = ["running   \((now - began).elapsedText)"]
    if let undo {
      parts.append("undoing \(undo.tally.done)/\(undo.count)")
    } else {
      parts += (titles + [activity(at: now).joined(separator: separator)]).filter { !$0.isEmpty }
    }
    if !tally.text.isEmpty { parts.append(tally.text) }
    parts.append("\(statistics.requests) request\(statistics.requests == 1 ? "" : "s")")
    if let heldBack { parts.append(heldBack) }
    return "  " + parts.joined(separator: "   ")
  }

  /// The innermost steps, the wave, and the calls that are on their way.
  private var titles: [String] {
    var titles = steps.suffix(2).map { "step   \($0)" }
    if let wave {
      let word = wave.tally.onlyWord.map { " \($0)" } ?? ""
      titles.append("wave \(wave.label)   \(min(wave.tally.done, wave.count))/\(wave.count)\(word)")
    }
    titles += calls.suffix(2).map { "\($0.action)   \($0.tally.done)/\($0.total)" }
    return titles
  }

  private func activity(at now: Instant) -> [String] {
    var parts: [String] = []
    if let wait, now - wait.began < wait.duration {
      let elapsed = Int((now - wait.began) / .seconds(1))
      let word = wait.reason == "propagation" ? "settling" : "waiting"
      let reason = wait.reason.map { $0 == "propagation" ? "" : " (\($0))" } ?? ""
      parts.append("\(word) \(elapsed)s of \(wait.duration.text)\(reason)")
    }
    if let probe { parts.append("probe \(probe.count)/\(probe.total)  \(probe.name)") }
    return parts
  }

  /// "5/s, 3.1s waited so far"; nil while nothing was held back.
  private var heldBack: String? {
    guard statistics.waitedForLimit >= .milliseconds(100) else { return nil }
    let limit = statistics.limit.map { "\($0), " } ?? ""
    return "\(limit)\(statistics.waitedForLimit.elapsedText) waited so far"
  }

  private var separator: String { " \(style.separator) " }

  private func active(_ text: String) -> RegionLine {
    var line = RegionLine("  ")
    line.append(style.hasUnicode ? "▸" : ">", .waiting)
    line.append(" \(text)")
    return line
  }

  private func bar(_ done: Int, of total: Int) -> RegionLine {
    ProgressBar(done: done, total: total).line(width: 40, style: style)
  }
}

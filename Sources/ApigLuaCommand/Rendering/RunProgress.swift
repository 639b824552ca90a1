internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import ReleaseEngine

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

  private struct Wave {
    let label: String
    let count: Int
    let began: Instant
    var tally = ChangeTally()
    /// How the last check came out.
    var check: String?
    var isGood = true
  }

  /// The calls of one operation that are on their way at once.
  private struct Calls {
    let operation: String
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
    case .waveBegan(let label, let count):
      let before = endWave(isGood: nil, at: now)
      wave = Wave(label: label, count: count, began: now)
      return before + (manner == .live ? [] : ["  wave \(label)   \(count) item\(count == 1 ? "" : "s")"])
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
      wave?.check = text.first?.isNumber == true ? "probe \(text)" : "check \(name) \(text)"
      if !isGood { wave?.isGood = false }
      if manner == .live, wave != nil, isGood { return [] }
      return ["  \(isGood ? good : bad) \(name)   \(text)"]
    }
  }

  /// - Returns: the lines that stay.
  mutating func note(_ event: RunEvent, at now: Instant) -> [String] {
    switch event {
    case .willChange(let operation, let count, _):
      guard count > 0 else { return ["  \(operation)"] }
      begin(operation, count: count, at: now)
      return manner == .live || count == 1 ? [] : ["  \(operation)   \(count) APIs"]
    case .didEndChange(let operation, let count): return end(operation, count: count, at: now)
    case .didChange(let change): return count(change, at: now)
    case .willUndo(let count):
      let before = endWave(isGood: false, at: now)
      wait = nil
      probe = nil
      undo = Undo(count: count, began: now)
      return before + ["  undoing \(count) change\(count == 1 ? "" : "s"), newest first"]
    case .willSettle: return []
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

  private mutating func begin(_ operation: String, count: Int, at now: Instant) {
    let index =
      calls.firstIndex { $0.operation == operation }
      ?? {
        calls.append(Calls(operation: operation, began: now))
        return calls.count - 1
      }()
    calls[index].open += 1
    calls[index].total += count
    calls[index].largest = max(calls[index].largest, count)
  }

  private mutating func end(_ operation: String, count: Int, at now: Instant) -> [String] {
    guard count > 0, let index = calls.firstIndex(where: { $0.operation == operation }) else { return [] }
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
      "  \(mark) \(operation)   \(group.tally.done)/\(group.total)\(failed)   \((now - group.began).elapsedText)"
    ]
  }

  private mutating func count(_ change: APIChange, at now: Instant) -> [String] {
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
    guard let index = calls.firstIndex(where: { $0.operation == change.operation }) else { return [] }
    calls[index].tally.count(change)
    guard manner != .live, calls[index].largest <= Self.longestList else { return [] }
    let word = change.isBad ? style.text(change.outcomeWord, .failed) : change.outcomeWord
    let subject = calls[index].largest == 1 ? "  \(change.operation)   \(name)" : "    \(name)"
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
    var parts = ["wave \(wave.label)"]
    if !wave.tally.text.isEmpty { parts.append(wave.tally.text) }
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
      lines.append(active("undoing \(undo.count) change\(undo.count == 1 ? "" : "s"), newest first"))
      lines.append(bar(undo.tally.done, of: undo.count))
    } else {
      let activity = self.activity(at: now)
      let titles = titles
      for (index, title) in titles.enumerated() {
        lines.append(active(index == titles.count - 1 ? ([title] + activity).joined(separator: separator) : title))
      }
      if titles.isEmpty, !activity.isEmpty { lines.append(active(activity.joined(separator: separator))) }
      if let wave, wave.count > 0 {
        lines.append(bar(min(wave.tally.done, wave.count), of: wave.count))
      } else if let calls = calls.first(where: { $0.total > 1 }) {
        lines.append(bar(calls.tally.done, of: calls.total))
      }
    }
    guard !lines.isEmpty else { return [] }
    lines.append(RegionLine(heldBack.map { "  limit   \($0)" } ?? "", .waiting, trailing: "Ctrl-C stops safely"))
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
    if let wave { titles.append("wave \(wave.label)   \(min(wave.tally.done, wave.count))/\(wave.count)") }
    titles += calls.suffix(2).map { "\($0.operation)   \($0.tally.done)/\($0.total)" }
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

  /// "5/s, 3.1s held back"; nil while nothing was held back.
  private var heldBack: String? {
    guard statistics.waitedForLimit >= .milliseconds(100) else { return nil }
    let limit = statistics.limit.map { "\($0), " } ?? ""
    return "\(limit)\(statistics.waitedForLimit.elapsedText) held back so far"
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

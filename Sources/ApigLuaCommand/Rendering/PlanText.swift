internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import ReleaseEngine
internal import RunJournal

/// A plan for people: what would change, what not, what would fail, and what it would take.
struct PlanText {
  /// How many APIs are listed one by one.
  private static let mostRows = 50

  let plan: ReleasePlan
  let findings: PlanFindings
  let settings: Settings
  let style: Style
  let plannedIDs: PlannedIDs

  var text: String {
    let title = [settings.gatewayName] + places + [plan.script.name]
    return Self.text(["\(title.joined(separator: " \(style.separator) "))   plan \(plan.id)", readLine, ""] + body)
  }

  /// Without what it is a plan of, and what was read for it.
  var bodyText: String { Self.text(body) }

  private var body: [String] {
    var lines = verdictLines
    lines += section(changeTable)
    lines += section(failureLines)
    lines += section(waveTable)
    lines += section([costLine].compactMap(\.self))
    return lines + section(facts)
  }

  private static func text(_ lines: [String]) -> String {
    var lines = lines
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n").withoutControlCharactersButNewlines + "\n"
  }

  /// Every API that would change or fail.
  var table: DataTable {
    DataTable(
      columns: ["api", "name", "env", "runs_now", "after_apply", "error"],
      rows: (findings.changed + findings.failing.map(\.verdict)).map { verdict in
        var problem = ""
        if case .wouldFail(let error) = verdict.outcome { problem = error.reason }
        return [
          verdict.apiID, verdict.apiName ?? "", verdict.environmentName ?? verdict.environmentID ?? "",
          verdict.from == .none ? "" : label(verdict.from), verdict.to == .none ? "" : label(verdict.to), problem,
        ]
      })
  }

  /// The environments that would change, with what protects them; before any is known the one that calls default to.
  private var places: [String] {
    var names: [String] = []
    for verdict in findings.changed + findings.failing.map(\.verdict) {
      let name = verdict.environmentName ?? verdict.environmentID
      let profile = settings.gateways[settings.gatewayName]?.protectedEnvironment(
        id: verdict.environmentID ?? "", name: name ?? "")
      guard let name else { continue }
      let text = name + (profile.map { " (protected: \($0.protection.rawValue))" } ?? "")
      if !names.contains(text) { names.append(text) }
    }
    return names.isEmpty ? [settings.environment].compactMap(\.self) : names
  }

  private func section(_ lines: [String]) -> [String] { lines.isEmpty ? [] : lines + [""] }

  private var readLine: String {
    let requests = findings.statistics.requests
    let rate = findings.statistics.limit.map { ", \($0)" } ?? ""
    return "  read \(apis(findings.seenCount)) in \(SecondsText.text(tenths(findings.seconds)))"
      + "  (\(requests) request\(requests == 1 ? "" : "s")\(rate))"
  }

  // MARK: - Verdicts

  private var verdictLines: [String] {
    var rows: [[String]] = []
    for (word, place, count) in changeCounts { rows.append(["~ \(word)", "\(apis(count)) \(place)"]) }
    for other in findings.others {
      rows.append(["~ \(other.operation)", other.apiName ?? other.apiID ?? ""])
    }
    if findings.unchangedCount > 0 {
      rows.append([
        "= no change",
        "\(apis(findings.unchangedCount)) that \(findings.unchangedCount == 1 ? "stays as it runs" : "stay as they run") now",
      ])
    }
    if findings.undone > 0 { rows.append(["< undone", "\(apis(findings.undone)) put back after the failure"]) }
    if !findings.failing.isEmpty { rows.append(["! fail", apis(findings.failing.count)]) }
    if let end = findings.end {
      rows.append(["? cannot know until apply", "\(end.place ?? "the script"): \(end.subject)"])
    }
    if rows.isEmpty { rows.append(["= no change", "the script changes nothing"]) }
    let width = rows.map { $0[0].count }.max() ?? 0
    return rows.map { row in
      "  " + row[0] + String(repeating: " ", count: width - row[0].count + 3) + row[1]
    } + [""]
  }

  private var changeCounts: [(word: String, place: String, count: Int)] {
    var counts: [(word: String, place: String, count: Int)] = []
    for verdict in findings.changed {
      let (word, place) = phrase(verdict)
      if let index = counts.firstIndex(where: { $0.word == word && $0.place == place }) {
        counts[index].count += 1
      } else {
        counts.append((word, place, 1))
      }
    }
    return counts
  }

  private func phrase(_ verdict: APIVerdict) -> (String, String) {
    let environment = verdict.environmentName ?? verdict.environmentID ?? "?"
    return switch verdict.to {
    case .none: ("offline", "off \(environment)")
    case .made: ("publish", "to \(environment)")
    case .kept: ("switch", "in \(environment)")
    }
  }

  private var changeTable: [String] {
    let changed = findings.changed
    guard !changed.isEmpty else { return [] }
    let most = settings.isVerbose ? changed.count : Self.mostRows
    let rows = changed.prefix(most).map { verdict in
      [verdict.apiName ?? verdict.apiID, label(verdict.from), label(verdict.to)]
    }
    var lines = TextTable(columns: ["API", "runs now", "after apply"], rows: Array(rows)).text
      .split(separator: "\n").map(String.init)
    if changed.count > most { lines.append("  … and \(changed.count - most) more; -v lists them all") }
    return lines
  }

  private func label(_ version: PlannedVersion) -> String {
    switch version {
    case .none: style.none
    case .kept(let id, let number): number ?? id
    case .made: "a new version"
    }
  }

  private var failureLines: [String] {
    findings.failing.map { verdict, error in
      let place = verdict.place.map { "  (\($0))" } ?? ""
      let code = error.code.map { "\($0) " } ?? ""
      return "  ! \(verdict.apiName ?? verdict.apiID): \(code)\(error.message)\(place)"
    }
  }

  // MARK: - What it takes

  private var waveTable: [String] {
    let stages = findings.stages
    guard stages.contains(where: { $0.wave != nil }) else {
      return stages.flatMap(\.doings).isEmpty ? [] : ["  then  \(stages.flatMap(\.doings).joined(separator: ", "))"]
    }
    var soFar = 0
    var last = ""
    var isBegun = false
    let rows = stages.map { stage -> [String] in
      soFar += stage.count
      let doings = stage.doings.joined(separator: ", ")
      defer { last = doings }
      if stage.wave != nil { isBegun = true }
      return [
        stage.wave ?? (isBegun ? "after" : "before"), stage.wave == nil ? "" : String(stage.count),
        stage.wave == nil ? "" : String(soFar),
        !doings.isEmpty && doings == last ? "same" : doings,
      ]
    }
    return TextTable(columns: ["wave", "APIs", "so far", "then"], rows: rows).text.split(separator: "\n").map(
      String.init)
  }

  private var costLine: String? {
    let costs = findings.costs
    var parts: [String] = []
    if findings.estimatedTime >= 1 { parts.append("about \(estimate)") }
    let steps = plan.changes.count { $0.failure == nil }
    if steps > 0 {
      let requests = findings.changeRequests
      parts.append("\(steps) change\(steps == 1 ? "" : "s") in at most \(requests) request\(requests == 1 ? "" : "s")")
    }
    if costs.probes > 0 { parts.append("\(costs.probes) probes") }
    if costs.unsentRequests > 0 {
      parts.append("\(costs.unsentRequests) request\(costs.unsentRequests == 1 ? "" : "s") elsewhere")
    }
    if costs.unwrittenFiles > 0 {
      parts.append("\(costs.unwrittenFiles) file\(costs.unwrittenFiles == 1 ? "" : "s") written")
    }
    return parts.isEmpty ? nil : "  " + parts.joined(separator: ", ")
  }

  /// To the minute beyond two: nobody knows it better.
  private var estimate: String {
    let seconds = findings.estimatedTime
    return SecondsText.text(seconds < 120 ? seconds.rounded() : (seconds / 60).rounded() * 60)
  }

  private var facts: [String] {
    var rows: [(String, String)] = []
    rows += undoFacts.map { ("undo", $0) }
    for verdict in findings.verdicts where !verdict.drops.isEmpty {
      let drops = verdict.drops.map { plannedIDs.label(of: $0) ?? $0 }.joined(separator: ", ")
      rows.append(
        ("horizon", "\(verdict.apiName ?? verdict.apiID) has 10 records already: publishing drops \(drops)"))
    }
    for lease in findings.leases {
      rows.append(
        (
          "lock",
          "\(lease.fence.scope.name) is held by \(lease.holder), run \(lease.fence.run) (\(lease.command)), until "
            + "\(lease.expires.text): applied now it would end with exit 7"
        ))
    }
    for question in findings.costs.questions { rows.append(("asks", question)) }
    if findings.end == nil, !findings.changed.isEmpty {
      rows.append(("unknown", "nothing depends on what exists only after apply"))
    }
    var last = ""
    return rows.map { name, text in
      defer { last = name }
      let label = name == last ? "" : name
      return "  " + label + String(repeating: " ", count: 10 - label.count) + text
    }
  }

  private var undoFacts: [String] {
    let undos = findings.changed.compactMap(\.undo)
    func count(_ undo: APIVerdict.Undo) -> Int { undos.count { $0 == undo } }
    let texts: [(APIVerdict.Undo, String)] = [
      (.switchBack, "exact: switched back to the version in effect now"),
      (.takeOffline, "exact: not published now, undo takes them offline"),
      (.publishAgain, "switched on again; where the gateway does not, published and switched, inexact for seconds"),
      (.impossible, "IMPOSSIBLE: the version in effect now will no longer be kept"),
    ]
    return texts.compactMap { undo, text in count(undo) > 0 ? "\(count(undo)) \(text)" : nil }
  }

  private func apis(_ count: Int) -> String { "\(count) API\(count == 1 ? "" : "s")" }

  private func tenths(_ seconds: Double) -> Double { (seconds * 10).rounded() / 10 }
}

extension String {
  /// Every line without control characters.
  var withoutControlCharactersButNewlines: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { String($0).withoutControlCharacters }
      .joined(separator: "\n")
  }
}

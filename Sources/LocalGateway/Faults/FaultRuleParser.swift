internal import GatewayAPI

/// Reads the text of a fault rule: `TARGET: WORD…`, or `rate N/UNIT`.
struct FaultRuleParser {
  private struct Word {
    let text: String
    let offset: Int
  }

  private let text: String
  private var words: [Word] = []

  init(_ text: String) { self.text = text }

  mutating func rule() throws(FaultRuleError) -> FaultRule {
    words = try split()
    guard let first = words.first else {
      throw failure("the rule is empty", Word(text: "", offset: 0), hint: Self.usage)
    }
    return first.text == "rate" ? try rate() : try fault()
  }

  private static let usage = "for example: publish: 429 retry-after=2 times=5"
  private static let effects =
    "a status from 400 to 599, drop, cut=BYTES, stale=DURATION, token-expired or latency=DURATION"
  private static let names =
    ["probe", "*", FaultRule.tokenName]
    + OperationCatalog.all.map { $0.name }

  // MARK: - Words

  /// Splits at blanks; a colon ends the target; `"` holds a value with blanks together.
  private func split() throws(FaultRuleError) -> [Word] {
    var words: [Word] = []
    var current = ""
    var start = 0
    var quote: Int?
    for (offset, character) in text.enumerated() {
      if current.isEmpty, quote == nil { start = offset }
      if character == "\"" {
        quote = quote == nil ? offset : nil
      } else if character.isWhitespace, quote == nil {
        if !current.isEmpty { words.append(Word(text: current, offset: start)) }
        current = ""
      } else {
        current.append(character)
      }
    }
    if let quote { throw failure("the quotation mark is not closed", Word(text: "\"", offset: quote)) }
    if !current.isEmpty { words.append(Word(text: current, offset: start)) }
    return words
  }

  private func failure(_ message: String, _ word: Word, hint: String? = nil) -> FaultRuleError {
    FaultRuleError(rule: text, offset: word.offset, length: max(1, word.text.count), message: message, hint: hint)
  }

  private var end: Word { Word(text: "", offset: text.count) }

  private var trimmedText: String {
    let start = text.prefix(while: \.isWhitespace).count
    return text.dropFirst(start).trimmingEnd
  }

  // MARK: - Rate

  private func rate() throws(FaultRuleError) -> FaultRule {
    guard words.count > 1 else { throw failure("'rate' needs a limit", end, hint: "for example: rate 50/s") }
    let parts = words[1].text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count),
      let unit = FaultRule.Limit.Unit(rawValue: String(parts[1]))
    else { throw failure("'\(words[1].text)' is no limit", words[1], hint: "N/s, N/m or N/h, with N from 1") }
    var limit = FaultRule.Limit(count: count, unit: unit)
    for word in words.dropFirst(2) {
      switch option(word) {
      case ("retry-after", nil): limit.retryAfter = .computed
      case ("retry-after", let value?): limit.retryAfter = .seconds(try number(value, word, 0...86_400))
      default: throw failure("'rate' takes no '\(word.text)'", word, hint: "only retry-after, or retry-after=SECONDS")
      }
    }
    return FaultRule(description: trimmedText, kind: .rate(limit))
  }

  // MARK: - Faults

  private func fault() throws(FaultRuleError) -> FaultRule {
    let (target, rest) = try target()
    var draft = Draft()
    for word in rest { try read(word, into: &draft) }
    guard draft.action != nil || draft.latency != nil else {
      throw failure("the rule does nothing", rest.last ?? end, hint: "add \(Self.effects)")
    }
    if let word = draft.actionWord {
      if case .stale = draft.action { try requireReads(target, word) }
      if case .call = target, case .expireToken = draft.action {
        throw failure("calls of published APIs bear no token of the gateway", word)
      }
    }
    var rule = FaultRule(description: trimmedText, kind: .fault(target, try draft.whole(self)))
    rule.latency = draft.latency
    rule.isAfterApply = draft.isAfterApply
    rule.api = draft.api
    rule.from = draft.from
    rule.times = draft.times
    rule.probability = draft.probability
    rule.seed = draft.seed
    return rule
  }

  private func target() throws(FaultRuleError) -> (FaultRule.Target, ArraySlice<Word>) {
    guard let last = words.firstIndex(where: { $0.text.hasSuffix(":") }), last <= 1 else {
      throw failure("a colon must follow what the fault is for", words[0], hint: Self.usage)
    }
    let rest = words[(last + 1)...]
    var name = words[0]
    if last == 0 { name = Word(text: String(name.text.dropLast()), offset: name.offset) }
    if last == 1 {
      let path = Word(text: String(words[1].text.dropLast()), offset: words[1].offset)
      guard name.text == "probe" else {
        throw failure("'\(name.text)' takes no path", path, hint: "only 'probe' does: probe /healthz: 502")
      }
      guard path.text.hasPrefix("/") else { throw failure("'\(path.text)' is no path", path, hint: "it begins with /") }
      return (.call(path: path.text), rest)
    }
    switch name.text {
    case "*": return (.every, rest)
    case "probe": return (.call(path: nil), rest)
    case _ where Self.names.contains(name.text): return (.operation(name.text), rest)
    default:
      throw failure(
        "there is no operation '\(name.text)'", name,
        hint: Suggestion.closest(to: name.text, in: Self.names).map { "did you mean '\($0)'?" }
          ?? "an operation (apig-lua doc lists them), token, probe, or * for all")
    }
  }

  /// Only what the management API reads has a past.
  private func requireReads(_ target: FaultRule.Target, _ word: Word) throws(FaultRuleError) {
    switch target {
    case .every: return
    case .operation(let name):
      let reads = OperationCatalog.all.map { $0.descriptor }.filter { $0.effect == .read }.map(\.name)
      guard !reads.contains(name) else { return }
      throw failure("'\(name)' reads nothing that could be stale", word, hint: "for example: history: stale=5s")
    case .call:
      throw failure("calls are delayed as a whole", word, hint: "apig-lua local start --propagation 5s")
    }
  }

  /// What has been read so far, in whatever order.
  private struct Draft {
    var action: FaultRule.Action?
    var actionWord: Word?
    /// The first of the words that only an answer takes.
    var answerWord: Word?
    var answer = FaultRule.Answer(status: 0)
    var afterWord: Word?
    var latency: Duration?
    var isAfterApply = false
    var api: String?
    var from = 1
    var times: Int?
    var probability = 1.0
    var seed: UInt64 = 1

    func whole(_ parser: FaultRuleParser) throws(FaultRuleError) -> FaultRule.Action? {
      if let afterWord {
        switch action {
        case .answer, .drop: break
        default: throw parser.failure("'\(afterWord.text)' needs a status or drop", afterWord)
        }
      }
      guard case .answer(let plain) = action else {
        if let answerWord { throw parser.failure("'\(answerWord.text)' needs a status", answerWord) }
        return action
      }
      var whole = answer
      whole.status = plain.status
      return .answer(whole)
    }
  }

  private func read(_ word: Word, into draft: inout Draft) throws(FaultRuleError) {
    switch option(word) {
    case ("drop", nil): try set(.drop, word, &draft)
    case ("token-expired", nil): try set(.expireToken, word, &draft)
    case ("cut", let value?): try set(.cut(try number(value, word, 0...1 << 30)), word, &draft)
    case ("stale", let value?): try set(.stale(try duration(value, word)), word, &draft)
    case ("latency", let value?): draft.latency = try duration(value, word)
    case ("after-apply", nil): (draft.isAfterApply, draft.afterWord) = (true, word)
    case ("before-apply", nil): (draft.isAfterApply, draft.afterWord) = (false, word)
    case ("api", let value?) where !value.isEmpty: draft.api = value
    case ("from", let value?): draft.from = try number(value, word, 1...1_000_000_000)
    case ("times", let value?): draft.times = try number(value, word, 1...1_000_000_000)
    case ("seed", let value?): draft.seed = UInt64(try number(value, word, 0...Int.max))
    case ("p", let value?):
      guard let share = Double(value), share > 0, share <= 1 else {
        throw failure("'\(value)' is no probability", word, hint: "above 0, at most 1: p=0.05")
      }
      draft.probability = share
    case ("retry-after", let value?):
      draft.answer.retryAfter = try number(value, word, 0...86_400)
      draft.answerWord = draft.answerWord ?? word
    case ("code", let value?) where !value.isEmpty:
      draft.answer.code = value
      draft.answerWord = draft.answerWord ?? word
    case ("body", let value?):
      draft.answer.body = value
      draft.answerWord = draft.answerWord ?? word
    case ("html", nil):
      draft.answer.isHTML = true
      draft.answerWord = draft.answerWord ?? word
    default: try readStatus(word, into: &draft)
    }
  }

  private func readStatus(_ word: Word, into draft: inout Draft) throws(FaultRuleError) {
    if let status = Int(word.text), (400...599).contains(status) {
      return try set(.answer(FaultRule.Answer(status: status)), word, &draft)
    }
    let known = [
      "drop", "token-expired", "cut=", "stale=", "latency=", "after-apply", "before-apply", "api=", "from=", "times=",
      "seed=", "p=", "retry-after=", "code=", "body=", "html",
    ]
    let name = option(word).name
    if known.contains(name + "=") { throw failure("'\(name)' needs a value", word, hint: "\(name)=…") }
    throw failure(
      "'\(word.text)' is no effect", word,
      hint: Suggestion.closest(to: name, in: known.map { $0.replacing("=", with: "") }).map { "did you mean '\($0)'?" }
        ?? Self.effects)
  }

  private func set(_ action: FaultRule.Action, _ word: Word, _ draft: inout Draft) throws(FaultRuleError) {
    if let earlier = draft.actionWord {
      throw failure("a rule has one effect: it has '\(earlier.text)' already", word, hint: "write two rules")
    }
    draft.action = action
    draft.actionWord = word
  }

  // MARK: - Values

  private func option(_ word: Word) -> (name: String, value: String?) {
    let parts = word.text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
  }

  private func number(_ value: String, _ word: Word, _ range: ClosedRange<Int>) throws(FaultRuleError) -> Int {
    guard let number = Int(value), range.contains(number) else {
      throw failure("'\(value)' is no whole number from \(range.lowerBound) to \(range.upperBound)", word)
    }
    return number
  }

  private func duration(_ value: String, _ word: Word) throws(FaultRuleError) -> Duration {
    let digits = value.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let units: [Substring: Double] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "": 1000]
    guard let number = Double(digits), let unit = units[value.dropFirst(digits.count)], number * unit <= 3_600_000
    else {
      throw failure("'\(value)' is no duration", word, hint: "200ms, 1.5s or 2m, at most an hour")
    }
    return .milliseconds(Int64((number * unit).rounded()))
  }
}

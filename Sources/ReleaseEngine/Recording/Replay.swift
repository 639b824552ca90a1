internal import GatewayAPI
internal import RunJournal

/// The part of a run's journal that a replay has not come to yet.
///
/// An entry is found by what was asked for, where, and how often before, not by its place alone: what ran concurrently
/// comes in another order the next time.
struct Replay: Sendable {
  /// What a call of the script is found by.
  struct Key: Hashable, Sendable {
    let branch: String
    let operation: String
    let digest: String

    init(_ entry: JournalEntry) {
      branch = entry.branch
      operation = entry.operation
      digest = entry.digest
    }

    init(_ call: RecordedCall) {
      branch = call.origin.branch
      operation = call.operation
      digest = call.digest
    }
  }

  /// What was asked for, and its end when there was one.
  struct Item: Sendable {
    let entry: JournalEntry
    var outcome: JournalEntry?
  }

  private var items: [Item] = []
  private var isTaken: [Bool] = []
  /// Places in `items`, last first.
  private var places: [Key: [Int]] = [:]
  /// Places of intents by branch, last first.
  private var intents: [String: [Int]] = [:]
  private(set) var untakenCount = 0
  /// Readings of clocks, by branch and clock, as (how many readings before, value).
  private var readings: [ClockReadings.Key: [(first: Int, value: Double)]] = [:]

  init() {}

  /// - Parameter entries: the journal, in order.
  init(_ entries: [JournalEntry]) {
    let reopened = Set(entries.flatMap { $0.reopenedSequences })
    var placesOfIntents: [Int64: Int] = [:]
    for entry in entries where !reopened.contains(entry.sequence) {
      switch entry.kind {
      case .intent, .answer:
        if let reading = ClockReadings.Reading(entry) {
          readings[reading.key, default: []].append((reading.first, reading.value))
          continue
        }
        if entry.kind == .intent { placesOfIntents[entry.sequence] = items.count }
        items.append(Item(entry: entry, outcome: nil))
      case .outcome:
        if let place = entry.refersTo.flatMap({ placesOfIntents[$0] }) { items[place].outcome = entry }
      case .mark, .process: break
      }
    }
    isTaken = Array(repeating: false, count: items.count)
    untakenCount = items.count { $0.entry.isExpected }
    for place in items.indices.reversed() {
      places[Key(items[place].entry), default: []].append(place)
      if items[place].entry.kind == .intent { intents[items[place].entry.branch, default: []].append(place) }
    }
  }

  /// Whether something is left that the script has not asked for again.
  var isGoingOn: Bool { untakenCount > 0 }

  /// Whether ``take(_:)`` would find something.
  func holds(_ key: Key) -> Bool { places[key].map { !$0.isEmpty } ?? false }

  /// What the journal has for a call; each entry is given once.
  mutating func take(_ key: Key) -> Item? {
    guard let place = places[key]?.popLast() else { return nil }
    isTaken[place] = true
    if items[place].entry.isExpected { untakenCount -= 1 }
    return items[place]
  }

  /// What a branch has still to ask for before it may do anything new: its first intent that was not asked for again.
  mutating func expected(in branch: String) -> Item? {
    while let place = intents[branch]?.last, isTaken[place] { _ = intents[branch]?.popLast() }
    return intents[branch]?.last.map { items[$0] }
  }

  /// Every intent that was not asked for again, in order.
  var untakenIntents: [Item] {
    items.indices.filter { !isTaken[$0] && items[$0].entry.kind == .intent }.map { items[$0] }
  }

  /// What a clock showed at a reading; nil when the journal does not tell.
  func reading(_ key: ClockReadings.Key, number: Int) -> Double? {
    readings[key]?.last { $0.first <= number }?.value
  }
}

extension JournalEntry {
  /// Whether the script must ask for it again. What its tasks share, such as names, is looked up by whoever comes first,
  /// and by several who come at once.
  fileprivate var isExpected: Bool {
    kind == .intent || branch.isEmpty || branch.first == "/" && branch.dropFirst().first?.isNumber ?? false
  }

  /// Outcomes that do not count any more: a run that was stopped by them tries again.
  fileprivate var reopenedSequences: [Int64] {
    guard kind == .process else { return [] }
    return (body["reopened"]?.arrayValue ?? []).compactMap { $0.integerValue.map(Int64.init) }
  }
}

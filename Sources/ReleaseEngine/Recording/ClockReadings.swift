internal import GatewayAPI
internal import RunJournal

/// What scripts read off clocks, kept as changes: a script that asks a million times within a second leaves one entry.
struct ClockReadings: Sendable {
  enum Clock: String, Sendable {
    case time = "os.time"
    case processorTime = "os.clock"
  }

  struct Key: Hashable, Sendable {
    let clock: Clock
    let branch: String
  }

  /// As the journal has it.
  struct Reading: Sendable {
    let key: Key
    /// How many readings of this clock came before in this branch.
    let first: Int
    let value: Double

    init(key: Key, first: Int, value: Double) {
      self.key = key
      self.first = first
      self.value = value
    }

    init?(_ entry: JournalEntry) {
      guard let clock = Clock(rawValue: entry.operation), case .number(let value)? = entry.body["shows"] else {
        return nil
      }
      self.init(key: Key(clock: clock, branch: entry.branch), first: entry.occurrence, value: value)
    }

    var body: Document { ["shows": .number(value)] }
  }

  private var counts: [Key: Int] = [:]
  private var last: [Key: Double] = [:]

  /// Counts one more reading.
  ///
  /// - Returns: how many there were before.
  mutating func count(_ key: Key) -> Int {
    defer { counts[key, default: 0] += 1 }
    return counts[key, default: 0]
  }

  /// - Returns: whether the clock shows something new.
  mutating func note(_ key: Key, _ value: Double) -> Bool {
    defer { last[key] = value }
    return last[key] != value
  }
}

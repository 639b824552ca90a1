public import GatewayAPI
public import RunJournal
internal import Synchronization

/// Opens the journal's store; asked often, it opens once.
public typealias JournalOpening = @Sendable () async throws -> any JournalStore

/// Writes down what a run asks and does, and gives a replayed script what it got before.
///
/// Everything that a script cannot know by itself passes through here: reads and changes of the gateway, clocks, waits,
/// questions to people, probes, random names.
public final class RunRecorder: Sendable {
  struct State: Sendable {
    var replay: Replay
    var clocks = ClockReadings()
    var occurrences: [Replay.Key: Int] = [:]
    var nextSequence: Int64
    /// Entries on their way to the store.
    var pending: [JournalEntry] = []
    var isReplayOnly = false
    var lastChange: Timestamp?
    var failures = TrailingFailures()
    /// Tasks that have gone beyond what the journal has of them.
    var live: Set<String> = []

    /// Gives an entry its place.
    @discardableResult
    mutating func append(_ entry: JournalEntry, keeping: Bool) -> JournalEntry {
      var entry = entry
      entry.sequence = nextSequence
      nextSequence += 1
      if keeping { pending.append(entry) }
      return entry
    }
  }

  let state: Mutex<State>
  let writer: JournalWriter?
  let now: @Sendable () -> Timestamp
  let standIn: (@Sendable (RecordedCall) throws -> Document?)?

  /// - Parameters:
  ///   - store: where the entries go, opened with the first of them; nil keeps none.
  ///   - run: the run; entered in the journal with its first entry, when it is new.
  ///   - entries: what the journal holds of the run already: the replay.
  ///   - last: the last sequence in the journal, where it is not replayed.
  ///   - crashAfter: kills the process as soon as this entry is durable, and none behind it: a test's power failure.
  ///   - standIn: answers in place of the world, as in a plan; nil for what the world is to be asked all the same. Is
  ///     told of marks, too.
  public init(
    store: JournalOpening? = nil, run: RunRecord? = nil, replaying entries: [JournalEntry] = [],
    behind last: Int64 = 0, now: @escaping @Sendable () -> Timestamp = { Timestamp.now() }, crashAfter: Int64? = nil,
    standIn: (@Sendable (RecordedCall) throws -> Document?)? = nil
  ) {
    state = Mutex(State(replay: Replay(entries), nextSequence: max(last, entries.last?.sequence ?? 0) + 1))
    let isNew = last == 0 && entries.isEmpty
    writer =
      if let store, let run { JournalWriter(store: store, run: run, isNew: isNew, crashAfter: crashAfter) } else { nil }
    self.now = now
    self.standIn = standIn
  }

  /// Writes down that a part of the run begins or ends; a replay does not write it again.
  public func mark(_ operation: String, _ body: Document = .null, title: String = "", origin: CallOrigin? = nil) {
    _ = try? standIn?(RecordedCall(operation, body, title: title, origin: origin))
    state.withLock { state in
      let origin = origin ?? .current
      guard !state.replay.isGoingOn || state.live.contains(origin.branch) else { return }
      state.append(
        JournalEntry(
          sequence: 0, kind: .mark, time: now(), branch: origin.branch, operation: operation, title: title,
          place: origin.place, body: body), keeping: writer != nil)
    }
  }

  /// Writes down that a process began to work on the run, or stops.
  public func markProcess(_ operation: String, _ body: Document) async throws {
    _ = state.withLock { state in
      state.append(
        JournalEntry(sequence: 0, kind: .process, time: now(), operation: operation, title: operation, body: body),
        keeping: writer != nil)
    }
    try await flush()
  }

  /// Whether the journal holds anything of the run.
  public var isKept: Bool {
    get async { await writer?.isKept ?? false }
  }

  /// Whether something could not be kept: then nothing is any more, and nothing can be changed.
  public var hasFailed: Bool {
    get async { await writer?.hasFailed ?? false }
  }

  /// Whether something is noted that is no answer.
  public var hasNotes: Bool { state.withLock { $0.pending.contains { $0.kind != .answer } } }

  /// Forgets what was asked and answered and is not in the journal yet: a run that changed nothing needs no replay.
  public func forgetAnswers() { state.withLock { $0.pending.removeAll { $0.kind == .answer } } }

  /// Returns when everything noted so far is durable.
  ///
  /// - Throws: `JournalError`.
  public func flush() async throws {
    try await writer?.write {
      self.state.withLock { state in
        defer { state.pending = [] }
        return state.pending
      }
    }
  }

  /// Adds the proof of a lease: what is written from now on is refused when the lease is another's by then.
  public func addFence(_ fence: Fence) async { await writer?.addFence(fence) }

  /// Takes the proof back: the lease is given back, and whoever has it next is none of this run's business.
  public func removeFence(_ fence: Fence) async { await writer?.removeFence(fence) }

  /// Gives an entry its place in the journal.
  ///
  /// - Throws: `JournalError` for what the journal could not be read with: here, where the script's line is known.
  @discardableResult
  func note(
    _ kind: JournalEntry.Kind, _ call: RecordedCall, _ body: Document, refersTo: Int64? = nil
  ) throws(JournalError) -> JournalEntry {
    if writer != nil { try JournalEntry.requireReadable(body, of: call.title) }
    return state.withLock { state in
      let key = Replay.Key(call)
      var occurrence = 0
      if kind != .outcome {
        occurrence = state.occurrences[key, default: 0]
        state.occurrences[key] = occurrence + 1
        if state.replay.isGoingOn { state.live.insert(call.origin.branch) }
      }
      if body["error"] == nil { state.failures.clear(call.origin.branch) }
      return state.append(
        JournalEntry(
          sequence: 0, kind: kind, time: now(), branch: call.origin.branch, operation: call.operation,
          digest: key.digest, occurrence: occurrence, refersTo: refersTo, title: call.title,
          place: call.origin.place, body: body), keeping: writer != nil)
    }
  }
}

public import GatewayAPI

/// One line of a run's journal. Entries are only ever added.
public struct JournalEntry: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Something is about to be done: a change of the gateway, a wait, a question to a person.
    case intent
    /// How it ended: `refersTo` is its intent.
    case outcome
    /// What was asked and answered at once: a read of the gateway, the clock, a random name.
    case answer
    /// A part of the run begins or ends: a step, a wave, an undo, `with_rollback`.
    case mark
    /// A process began to work on the run, or stopped.
    case process
  }

  /// Place in the run's journal, from 1.
  public var sequence: Int64
  public var kind: Kind
  /// When it was written.
  public var time: Timestamp
  /// Which of the script's concurrent tasks it belongs to; empty for the script itself.
  public var branch: String
  /// What was asked for: the name of an operation (`publish`) or of another call (`wait`).
  public var operation: String
  /// Digest of what was asked for, by which a replay finds the entry; empty where nothing is looked for.
  public var digest: String
  /// The same was asked for so many times before, in this branch.
  public var occurrence: Int
  /// The sequence of an outcome's intent.
  public var refersTo: Int64?
  /// For people: "publish pay-create to RELEASE".
  public var title: String
  /// Where in the script: "release.lua:14".
  public var place: String?
  /// By kind: the arguments, the answer, or the error.
  public var body: Document

  public init(
    sequence: Int64, kind: Kind, time: Timestamp, branch: String = "", operation: String, digest: String = "",
    occurrence: Int = 0, refersTo: Int64? = nil, title: String = "", place: String? = nil, body: Document = .null
  ) {
    self.sequence = sequence
    self.kind = kind
    self.time = time
    self.branch = branch
    self.operation = operation
    self.digest = digest
    self.occurrence = occurrence
    self.refersTo = refersTo
    self.title = title
    self.place = place
    self.body = body
  }
}

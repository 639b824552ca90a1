public import GatewayAPI

/// A run as the journal lists it: how it began, and how it ended.
public struct RunRecord: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// A process works on it, or one died while it did.
    case running
    /// It stopped and can go on: interrupted, out of time, the gateway lost.
    case stopped
    /// It came to its end, well or not; what it changed is kept.
    case finished
    /// It came to its end, and what it changed was undone, all or in part.
    case rolledBack = "rolled_back"

    /// Whether a run goes on or can go on.
    public var isUnfinished: Bool { self == .running || self == .stopped }
  }

  /// The run's name: `r-1QK8ZT3F7A`.
  public var id: String
  public var state: State
  public var startedAt: Timestamp
  /// When it stopped or finished.
  public var endedAt: Timestamp?
  /// The exit code it ended with.
  public var exitCode: Int32?
  /// Who runs it: user@host.
  public var user: String
  public var host: String
  /// The process that works on it, or did last.
  public var process: ProcessIdentity
  /// As typed, for people: "release.lua --group orders".
  public var command: String
  public var gateway: String
  public var environment: String?
  /// What is needed to begin it again: the script and its modules, parameters, flags. The session's own form.
  public var start: Document
  /// Counts by state and what else the end of a run says; null while it runs.
  public var summary: Document

  public init(
    id: String, state: State = .running, startedAt: Timestamp, endedAt: Timestamp? = nil, exitCode: Int32? = nil,
    user: String, host: String, process: ProcessIdentity, command: String, gateway: String,
    environment: String? = nil, start: Document = .null, summary: Document = .null
  ) {
    self.id = id
    self.state = state
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.exitCode = exitCode
    self.user = user
    self.host = host
    self.process = process
    self.command = command
    self.gateway = gateway
    self.environment = environment
    self.start = start
    self.summary = summary
  }
}

/// A process, told apart from a later one of the same number.
public struct ProcessIdentity: Sendable, Hashable {
  public var number: Int32
  /// What the system says of when it began, in whatever unit; nil where that is not known.
  public var startMark: String?

  public init(number: Int32, startMark: String?) {
    self.number = number
    self.startMark = startMark
  }
}

internal import GatewayAPI
public import RunJournal

/// What a run tells while it goes on.
public enum RunEvent: Sendable {
  /// An operation that changes something is about to be sent, for so many APIs; the action of a batch is what it does.
  case willChange(operation: String, action: String, count: Int, environmentID: String?)
  /// Such an operation came to its end, good or bad; every ``didChange(_:action:)`` of it came before.
  case didEndChange(operation: String, action: String, count: Int)
  /// One API of it is done: changed, failed, unknown, undone, or not to be undone.
  case didChange(APIChange, action: String)
  /// The answer of a change was lost; the gateway is asked what became of it.
  case willSettle(operation: String, reason: String)
  /// The gateway told what became of it.
  case didSettle(SettledChange)
  /// So many APIs are about to be put back; each is tried for as long as the patience lasts.
  case willUndo(count: Int, patience: Duration)
  /// Somebody else holds an environment, and is waited for.
  case willWaitForLock(Lease)
  /// The lock of an environment was taken, for so long unless it is renewed.
  case didLock(Lease, duration: Duration)
}

/// What became of a change whose answer was lost.
public struct SettledChange: Sendable, Hashable {
  /// "publish pay-create in RELEASE"
  public let title: String
  /// Whether the answer was lost with an earlier process of the run.
  public let isResumed: Bool
  /// APIs for which it was carried out, was not, and for which nobody could be asked.
  public let applied: Int
  public let notApplied: Int
  public let unknown: Int
  /// By what it was recognized: when the version was made, RFC 3339, and the mark in its remark.
  public var publishTime: String?
  public var mark: String?

  public init(
    title: String, isResumed: Bool, applied: Int, notApplied: Int, unknown: Int, publishTime: String? = nil,
    mark: String? = nil
  ) {
    self.title = title
    self.isResumed = isResumed
    self.applied = applied
    self.notApplied = notApplied
    self.unknown = unknown
    self.publishTime = publishTime
    self.mark = mark
  }
}

extension SettledChange {
  /// Takes up by what a single publication was recognized.
  func recognized(by output: some OperationOutput) -> SettledChange {
    guard let publication = output as? Publication else { return self }
    var settled = self
    settled.publishTime = publication.document["publish_time"]?.stringValue
    settled.mark = publication.document["remark"]?.stringValue.flatMap { RunMark(atEndOf: $0)?.text }
    return settled
  }
}

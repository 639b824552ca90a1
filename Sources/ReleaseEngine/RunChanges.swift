/// What a run did to a gateway.
public struct RunChanges: Sendable, Hashable {
  /// APIs it published, took offline or switched, or tried to, in the order it first touched them.
  public var apis: [APIChange]
  /// Everything else it changed: drafts, groups, environments.
  public var others: [OtherChange]

  public init(apis: [APIChange] = [], others: [OtherChange] = []) {
    self.apis = apis
    self.others = others
  }

  /// Whether the gateway is, or may be, no longer as it was before the run.
  public var areKept: Bool {
    apis.contains { $0.state == .changed || $0.state == .unknown || $0.state == .undoFailed } || !others.isEmpty
  }

  /// Whether something was tried and is not known to have worked.
  public var holdFailures: Bool {
    apis.contains { $0.state == .failed || $0.state == .unknown } || others.contains { $0.isUnknown }
  }

  /// Whether something was put back as it was.
  public var holdUndone: Bool { apis.contains { $0.state == .undone } }

  /// Whether something should have been put back and could not be.
  public var holdFailedUndos: Bool { apis.contains { $0.state == .undoFailed } }
}

/// So many changes by one operation that is not about what an environment runs.
public struct OtherChange: Sendable, Hashable {
  public let operation: String
  /// Whether the answers were lost, so that nobody knows.
  public let isUnknown: Bool
  public var count: Int
}

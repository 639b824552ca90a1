/// What a client did so far.
public struct ClientStatistics: Sendable, Hashable {
  /// Requests sent, every try counted.
  public var requests = 0
  /// Tries after the first, for whatever reason.
  public var retries = 0
  /// Answers that said "one too many".
  public var throttled = 0
  /// Reads that shared the request of another.
  public var joinedReads = 0
  /// Publishes and offlines that went out as part of a batch.
  public var joinedWrites = 0
  /// How long requests were held back by the rate, in all: two that wait at once count once.
  public var waitedForLimit = Duration.zero
  /// The limit that is known: configured, or stated by the gateway.
  public var limit: RequestRate?

  public init() {}

  /// Adds what another client did; a limit is one client's own and is kept only where both know the same.
  public mutating func add(_ other: ClientStatistics) {
    limit = requests == 0 || limit == other.limit ? other.limit : nil
    requests += other.requests
    retries += other.retries
    throttled += other.throttled
    joinedReads += other.joinedReads
    joinedWrites += other.joinedWrites
    waitedForLimit += other.waitedForLimit
  }
}

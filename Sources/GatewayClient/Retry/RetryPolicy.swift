/// When a request is sent again.
public struct RetryPolicy: Sendable, Hashable {
  /// The most tries for one request, the first included.
  public var maximumTries = 5
  /// The most times the gateway may refuse one request for being one too many: these do not count as tries, for they
  /// say nothing about the request.
  public var maximumThrottles = 10
  /// Longest wait before the second try; it doubles from try to try.
  public var firstDelay: Duration = .milliseconds(200)
  public var longestDelay: Duration = .seconds(20)
  /// The longest wait that a gateway may ask for (`Retry-After`); one that asks for more gets an error instead.
  public var longestPause: Duration = .seconds(300)

  public init() {}

  /// How long to wait before the next try: full jitter, any time from none up to a bound that doubles.
  ///
  /// - Parameter tries: how many there have been.
  func delay(after tries: Int, using generator: inout some RandomNumberGenerator) -> Duration {
    let bound = min(longestDelay, firstDelay * (1 << min(max(tries - 1, 0), 20)))
    return bound * Double.random(in: 0...1, using: &generator)
  }
}

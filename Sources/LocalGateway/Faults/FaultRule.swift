internal import GatewayAPI

/// One fault to inject: at which requests, and what happens to them.
///
///     publish: 429 retry-after=2 times=5      *: latency=200ms         export: cut=100
///     publish: 500 after-apply p=0.05         history: drop            history: stale=5s
///     publish: 503 api=pay-create             token: 503 from=2        probe /healthz: 502 from=3
///     rate 50/s retry-after                   *: token-expired times=1
///
/// Rules hold in the order they were given. A request passes six stages (rate, latency, before the change is applied,
/// applying it, after it, sending the answer); in each stage the first rule that fires decides.
public struct FaultRule: Sendable, Hashable, CustomStringConvertible {
  enum Target: Sendable, Hashable {
    /// Every management request.
    case every
    /// An operation by its script name, or `token` for the identity service.
    case operation(String)
    /// Calls of published APIs; nil for any path.
    case call(path: String?)
  }

  /// What a fired rule answers.
  struct Answer: Sendable, Hashable {
    var status: Int
    var code: String?
    var body: String?
    var isHTML = false
    /// Seconds.
    var retryAfter: Int?
  }

  enum Action: Sendable, Hashable {
    case answer(Answer)
    /// The connection ends without an answer.
    case drop
    /// The connection ends after so many bytes of the body.
    case cut(Int)
    /// Reads show the state of so long ago.
    case stale(Duration)
    case expireToken
  }

  struct Limit: Sendable, Hashable {
    enum Unit: String, Sendable, CaseIterable {
      case second = "s"
      case minute = "m"
      case hour = "h"

      var seconds: Int {
        switch self {
        case .second: 1
        case .minute: 60
        case .hour: 3600
        }
      }
    }

    /// What `Retry-After` says.
    enum RetryAfter: Sendable, Hashable {
      case none
      /// The time until the next request would pass.
      case computed
      case seconds(Int)
    }

    var count: Int
    var unit: Unit
    var retryAfter = RetryAfter.none
  }

  enum Kind: Sendable, Hashable {
    case rate(Limit)
    case fault(Target, Action?)
  }

  enum Stage: Sendable, Hashable {
    case rate, latency, before, apply, after, answer
  }

  /// The rule as it was written, without blanks around it.
  public let description: String
  let kind: Kind
  /// How long a request waits before anything else happens to it.
  var latency: Duration?
  var isAfterApply = false
  /// Name or ID of the only API it is for.
  var api: String?
  /// The first of the matching requests that it may fire at, from 1.
  var from = 1
  /// How often it fires at most.
  var times: Int?
  /// The share of requests it fires at.
  var probability = 1.0
  var seed: UInt64 = 1

  init(description: String, kind: Kind) {
    self.description = description
    self.kind = kind
  }

  /// Reads a rule.
  ///
  /// - Throws: ``FaultRuleError`` with the place of what cannot be read.
  public init(_ text: String) throws(FaultRuleError) {
    var parser = FaultRuleParser(text)
    self = try parser.rule()
  }

  var stage: Stage {
    switch kind {
    case .rate: .rate
    case .fault(_, nil): .latency
    case .fault(_, .cut): .answer
    case .fault(_, .stale): .apply
    case .fault(_, .expireToken): .before
    case .fault(_, .answer), .fault(_, .drop): isAfterApply ? .after : .before
    }
  }

  func matches(_ subject: FaultSubject) -> Bool {
    switch (kind, subject.kind) {
    case (.rate, .operation): true
    case (.fault(.every, _), .operation): true
    case (.fault(.operation(let name), _), .operation(let other)): name == other
    case (.fault(.operation(let name), _), .token): name == FaultRule.tokenName
    case (.fault(.call(let path), _), .call(let called)): path == nil || path == called
    default: false
    }
  }

  /// Whether it fires at a request.
  ///
  /// The same seed gives the same decisions, whatever happens in between and whoever asks.
  ///
  /// - Parameters:
  ///   - number: how many requests it has matched, this one counted.
  ///   - fired: how often it has fired so far.
  func fires(number: Int, fired: Int) -> Bool {
    guard number >= from, times.map({ fired < $0 }) ?? true else { return false }
    guard probability < 1 else { return true }
    return Double(Self.mixed(seed, number) >> 11) / Double(1 << 53) < probability
  }

  /// SplitMix64: the number-th output of the generator with this seed.
  private static func mixed(_ seed: UInt64, _ number: Int) -> UInt64 {
    var value = seed &+ UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// Name of what is no operation of the catalog and can fail, too.
  static let tokenName = "token"
}

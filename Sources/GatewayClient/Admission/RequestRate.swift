/// So many requests in so much time.
public struct RequestRate: Sendable, Hashable {
  public let count: Int
  public let period: Duration

  /// - Returns: nil unless both are more than nothing.
  public init?(_ count: Int, per period: Duration) {
    guard count > 0, period > .zero else { return nil }
    self.count = count
    self.period = period
  }

  /// Requests in one second.
  public var perSecond: Double { Double(count) / (period / .seconds(1)) }
}

extension RequestRate {
  private static let units: [String: Duration] = [
    "s": .seconds(1), "second": .seconds(1), "min": .seconds(60), "minute": .seconds(60), "h": .seconds(3600),
    "hour": .seconds(3600), "day": .seconds(86_400),
  ]

  /// Reads what people write: `5/s`, `300/min`, `1000/h`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = Int(parts[0]), let period = Self.units[String(parts[1])] else { return nil }
    self.init(count, per: period)
  }

  /// Reads the limit that the text of a throttling answer states: `…,limit:5,time:1 minute`.
  public init?(statedIn message: String) {
    guard let match = message.lowercased().firstMatch(of: /limit:\s*(\d+)\s*,\s*time:\s*(\d+)\s*([a-z]+)/),
      let count = Int(match.1), let number = Int(match.2), number > 0, number <= 86_400,
      let unit = Self.units[String(match.3)] ?? Self.units[String(match.3.dropLast())]
    else { return nil }
    self.init(count, per: unit * number)
  }
}

extension RequestRate: CustomStringConvertible {
  /// `50/s`, `5/min`, `7 in 90s`.
  public var description: String {
    let seconds = period / .seconds(1)
    switch seconds {
    case 1: return "\(count)/s"
    case 60: return "\(count)/min"
    case 3600: return "\(count)/h"
    default: return "\(count) in \(seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)")s"
    }
  }
}

internal import GatewayAPI
internal import Glibc

/// Moments for people: local time on a terminal, RFC 3339 in UTC elsewhere; both to the second.
struct MomentText: Sendable {
  let isLocal: Bool

  init(_ stream: StandardStream) { isLocal = stream.isTerminal }

  func callAsFunction(_ moment: Timestamp) -> String {
    guard isLocal, let local = Self.local(moment) else { return Timestamp(seconds: moment.seconds).text }
    let date = [Int(local.tm_year) + 1900, Int(local.tm_mon) + 1, Int(local.tm_mday)].map(Self.padded)
    let time = [local.tm_hour, local.tm_min, local.tm_sec].map { Self.padded(Int($0)) }
    return date.joined(separator: "-") + " " + time.joined(separator: ":")
  }

  private static func local(_ moment: Timestamp) -> tm? {
    var seconds = time_t(moment.seconds)
    var parts = tm()
    return localtime_r(&seconds, &parts) == nil ? nil : parts
  }

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

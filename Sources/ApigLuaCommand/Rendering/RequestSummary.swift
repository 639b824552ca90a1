internal import GatewayClient

/// One line on what was sent: "41 requests, 2 of them again, 3.1s held back by 5/s".
struct RequestSummary {
  let statistics: ClientStatistics

  var text: String {
    var parts = ["\(statistics.requests) request\(statistics.requests == 1 ? "" : "s")"]
    if statistics.retries > 0 { parts.append("\(statistics.retries) of them again") }
    if statistics.throttled > 0 { parts.append("\(statistics.throttled) throttled") }
    if statistics.joinedReads > 0 { parts.append("\(statistics.joinedReads) reads joined") }
    if statistics.joinedWrites > 0 { parts.append("\(statistics.joinedWrites) writes joined") }
    let tenths = Int((statistics.waitedForLimit / .milliseconds(100)).rounded())
    if tenths > 0 {
      parts.append("\(tenths / 10).\(tenths % 10)s held back\(statistics.limit.map { " by \($0)" } ?? "")")
    }
    return parts.joined(separator: ", ")
  }
}

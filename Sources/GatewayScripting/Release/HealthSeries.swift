internal import GatewayAPI
internal import LuaRuntime

/// What probes are to find.
struct HealthExpectation: Sendable {
  let samples: Int
  let maximumFailures: Int
  /// Statuses that are good; nil for 200 to 299.
  let statuses: [Int]?
  /// What the body is to hold.
  let text: String?
  /// The longest that 95 of 100 probes may take.
  let p95: Duration?

  /// - Throws: `GatewayError` of kind `usage`.
  init(_ options: CallOptions) throws(GatewayError) {
    samples = try options.count("samples") ?? 10
    maximumFailures = try options.count("max_failures") ?? 0
    p95 = try options.duration("p95")
    text = try options.text("body")
    guard maximumFailures < samples else {
      throw CallOptions.usage(
        "'max_failures' of 'health.http' is \(maximumFailures) of \(samples) samples: it could not fail", nil)
    }
    let expected = options["expect"]
    let list = expected.tableValue?.sequence ?? (expected.isNil ? [] : [expected])
    let statuses = list.compactMap { $0.integerValue.map(Int.init(truncatingIfNeeded:)) }
    guard expected.isNil || !list.isEmpty, statuses.count == list.count, statuses.allSatisfy((100...599).contains)
    else {
      throw CallOptions.usage("bad option 'expect' to 'health.http' (an HTTP status or a list of them expected)", nil)
    }
    self.statuses = statuses.isEmpty ? nil : statuses
  }

  /// What is wrong with an answer; nil for nothing.
  func failure(of answer: WebAnswer) -> String? {
    guard statuses?.contains(answer.status) ?? (200...299).contains(answer.status) else {
      return "HTTP \(answer.status)"
    }
    guard let text, !String(decoding: answer.body, as: UTF8.self).contains(text) else { return nil }
    return "HTTP \(answer.status) without \"\(text)\" in its body"
  }

  var document: [String: Document] {
    [
      "samples": .integer(Int64(samples)), "max_failures": .integer(Int64(maximumFailures)),
      "expect": .array((statuses ?? []).map { .integer(Int64($0)) }), "body": text.map(Document.string) ?? .null,
      "p95": p95.map { .number($0.seconds) } ?? .null,
    ]
  }
}

/// One probe.
struct HealthSample: Sendable {
  let time: Timestamp
  let duration: Duration
  /// nil without an answer.
  let status: Int?
  let failure: String?
}

/// The probes of one health check, and what they say together.
struct HealthSeries: Sendable {
  let expectation: HealthExpectation
  private var samples: [HealthSample] = []

  init(_ expectation: HealthExpectation) { self.expectation = expectation }

  mutating func add(_ sample: HealthSample) { samples.append(sample) }

  var count: Int { samples.count }

  private var failures: [HealthSample] { samples.filter { $0.failure != nil } }

  /// Whether more probes would change nothing: all are done, or too many failed. What is unhealthy should be undone soon.
  var isDecided: Bool { count >= expectation.samples || failures.count > expectation.maximumFailures }

  /// Why it is unhealthy; nil when it is not.
  var complaint: String? {
    if failures.count > expectation.maximumFailures {
      let end = count < expectation.samples ? ", stopped there" : ""
      return "\(failures.count) of \(count) probes failed (allowed \(expectation.maximumFailures) of "
        + "\(expectation.samples)\(end)): \(reasons)"
    }
    guard let limit = expectation.p95, percentile(95) > limit else { return nil }
    return "p95 of \(count) probes is \(percentile(95).text) (allowed \(limit.text))"
  }

  /// "4 × HTTP 502, 1 × no whole answer came within 5 seconds"
  private var reasons: String {
    var counts: [(reason: String, count: Int)] = []
    for sample in failures {
      let reason = sample.status == nil ? "no answer" : sample.failure ?? ""
      if let index = counts.firstIndex(where: { $0.reason == reason }) {
        counts[index].count += 1
      } else {
        counts.append((reason, 1))
      }
    }
    return counts.map { "\($0.count) × \($0.reason)" }.joined(separator: ", ")
  }

  /// When and how the first one failed.
  var firstFailure: String? {
    failures.first.map { "the first at \($0.time.text): \($0.failure ?? "")" }
  }

  /// "26/30  p95 212ms"
  var summary: String {
    let good = "\(count - failures.count)/\(count)"
    return good + "  p95 \(percentile(95).text)" + (failures.isEmpty ? "" : "  \(reasons)")
  }

  /// The duration that so many of a hundred probes did not exceed.
  private func percentile(_ share: Int) -> Duration {
    let sorted = samples.map(\.duration).sorted()
    guard !sorted.isEmpty else { return .zero }
    return sorted[max(0, (sorted.count * share + 99) / 100 - 1)]
  }

  /// The numbers, times in seconds.
  var document: Document {
    Self.numbers(
      samples: count, failures: failures.count, p50: percentile(50), p95: percentile(95), longest: percentile(100),
      firstFailure: failures.first)
  }

  /// What scripts get of probes, whether they were sent or assumed.
  static func numbers(
    samples: Int, failures: Int, p50: Duration, p95: Duration, longest: Duration, firstFailure: HealthSample? = nil
  ) -> Document {
    var members: [String: Document] = [
      "samples": .integer(Int64(samples)), "failures": .integer(Int64(failures)), "p50": .number(p50.seconds),
      "p95": .number(p95.seconds), "max": .number(longest.seconds),
    ]
    if let firstFailure {
      members["first_failure"] = [
        "time": .string(firstFailure.time.text), "text": .string(firstFailure.failure ?? ""),
        "status": firstFailure.status.map { .integer(Int64($0)) } ?? .null,
      ]
    }
    return .object(members)
  }
}

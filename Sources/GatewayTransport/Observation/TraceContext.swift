/// The trace that this program is a part of (W3C Trace Context), passed on with each request.
public struct TraceContext: Sendable, Hashable {
  private let traceID: String
  private let flags: String
  private let state: String?

  /// Reads the values of `TRACEPARENT` and `TRACESTATE`.
  ///
  /// - Returns: nil for what is no trace parent; a trace state that cannot be sent is left out.
  public init?(parent: String, state: String? = nil) {
    let parts = parent.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 4, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
      zip(parts, [2, 32, 16, 2]).allSatisfy({ $0.isHexadecimal(ofLength: $1) }),
      parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
    else { return nil }
    traceID = parts[1]
    flags = parts[3]
    self.state = state.flatMap { state in
      !state.isEmpty && state.utf8.count <= 512 && state.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } ? state : nil
    }
  }

  /// The headers of one request, which is a span of its own.
  ///
  /// - Parameter generator: where the span's ID comes from.
  package func headers(using generator: inout some RandomNumberGenerator) -> [(name: String, value: String)] {
    let span = String(UInt64.random(in: 1...UInt64.max, using: &generator), radix: 16)
    let padded = String(repeating: "0", count: 16 - span.count) + span
    var headers = [(name: "traceparent", value: "00-\(traceID)-\(padded)-\(flags)")]
    if let state { headers.append((name: "tracestate", value: state)) }
    return headers
  }
}

extension String {
  fileprivate func isHexadecimal(ofLength length: Int) -> Bool {
    utf8.count == length && utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
  }
}

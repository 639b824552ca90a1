/// The name of one run: `r-1QK8ZT3F7A`, sortable by the second it began.
public struct RunID: Sendable, Hashable, CustomStringConvertible {
  public let description: String

  /// - Parameters:
  ///   - seconds: when the run begins, in seconds since 1970.
  ///   - generator: what tells apart two runs of the same second.
  public init(seconds: Int64, using generator: inout some RandomNumberGenerator) {
    let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    var text = ""
    for shift in stride(from: 30, through: 0, by: -5) { text.append(alphabet[Int(seconds >> shift) & 31]) }
    for _ in 0..<3 { text.append(alphabet[Int.random(in: 0..<32, using: &generator)]) }
    description = "r-" + text
  }

  /// Reads what ``description`` writes.
  public init?(_ text: String) {
    guard text.wholeMatch(of: /r-[0-9A-HJKMNP-TV-Z]{10}/) != nil else { return nil }
    description = text
  }
}

/// Several names in one: `pay-{1..40}`, or `pay-{001..040}` for numbers of equal length.
struct SeedRange {
  /// Stands for the number in what else is said of the API.
  static let placeholder = "{..}"

  private let before: Substring
  private let after: Substring
  private let first: Int
  private let last: Int
  private let width: Int

  /// nil for a name without a range.
  init?(_ text: String) {
    guard let open = text.firstIndex(of: "{"), let close = text[open...].firstIndex(of: "}") else { return nil }
    let bounds = text[text.index(after: open)..<close].split(separator: "..", omittingEmptySubsequences: false)
    guard bounds.count == 2, let first = Int(bounds[0]), let last = Int(bounds[1]), first >= 0,
      last <= 1_000_000_000
    else { return nil }
    before = text[..<open]
    after = text[text.index(after: close)...]
    self.first = first
    self.last = last
    width = bounds[0].hasPrefix("0") ? bounds[0].count : 0
  }

  var count: Int { last - first + 1 }

  var names: [(name: String, number: String)] {
    (first...last).map { number in
      let digits = String(number)
      let padded = String(repeating: "0", count: max(0, width - digits.count)) + digits
      return ("\(before)\(padded)\(after)", padded)
    }
  }
}

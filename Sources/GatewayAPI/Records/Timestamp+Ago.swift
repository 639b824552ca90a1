extension Timestamp {
  private static let units: [String: Int64] = [
    "second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800,
  ]

  /// A moment as people say it: `2 hours ago`; nil for anything else.
  package init?(ago text: String, now: Timestamp) {
    let words = text.split(separator: " ")
    guard words.count == 3, words[2] == "ago", let count = Int64(words[0]), count >= 0, count < 1_000_000 else {
      return nil
    }
    let unit = words[1].hasSuffix("s") ? words[1].dropLast() : words[1]
    guard let seconds = Self.units[String(unit)] else { return nil }
    self.init(seconds: now.seconds - count * seconds)
  }
}

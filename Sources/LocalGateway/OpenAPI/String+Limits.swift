extension String {
  /// Whether it has more characters than that; one that many operations share may be of megabytes.
  func isLonger(than count: Int) -> Bool { dropFirst(count).first != nil }
}

extension Duration {
  /// Rounded to tenths of a second from one second on: a wait of 10s of which 9.999s are left is one of 10s.
  var toTenths: Duration {
    self < .seconds(1) ? self : .milliseconds(100 * Int((self / .milliseconds(100)).rounded()))
  }

  /// A limit that somebody set, in whole units where it is one: `10 min`, `90s`.
  var wholeText: String {
    let seconds = Int((self / .seconds(1)).rounded())
    return seconds >= 60 && seconds % 60 == 0 ? "\(seconds / 60) min" : elapsedText
  }

  /// How long something took, for people: `0.4s`, `42s`, `1m42s`, `2h05m`.
  var elapsedText: String {
    let tenths = Int((self / .milliseconds(100)).rounded())
    guard tenths >= 100 else { return "\(tenths / 10).\(tenths % 10)s" }
    let seconds = tenths / 10
    let padded = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
    if seconds < 60 { return "\(seconds)s" }
    if seconds < 3600 { return "\(seconds / 60)m\(padded(seconds % 60))s" }
    return "\(seconds / 3600)h\(padded(seconds / 60 % 60))m"
  }
}

extension String {
  /// As one word of a shell's command line.
  var shellQuoted: String {
    let isPlain = !isEmpty && wholeMatch(of: /[A-Za-z0-9_.\/:@%+=,\-]+/) != nil
    return isPlain ? self : "'\(escaping { $0 == "'" ? "'\\''" : nil })'"
  }
}

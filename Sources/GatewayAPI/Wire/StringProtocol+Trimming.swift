extension StringProtocol {
  /// Without blanks and line breaks around it.
  package var trimmed: String { String(trimmingEnd.drop(while: \.isWhitespace)) }

  /// Without blanks and line breaks at its end.
  package var trimmingEnd: String { String(reversed().drop(while: \.isWhitespace).reversed()) }
}

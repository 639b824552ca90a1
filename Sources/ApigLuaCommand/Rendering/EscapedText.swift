extension String {
  /// Writes some code points in another form.
  ///
  /// By code points, since who reads it goes by them: a character may have a combining mark behind what is to be escaped.
  ///
  /// - Parameter escape: what stands for a code point; nil for itself.
  func escaping(_ escape: (Unicode.Scalar) -> String?) -> String {
    var escaped = ""
    for scalar in unicodeScalars {
      if let form = escape(scalar) { escaped += form } else { escaped.unicodeScalars.append(scalar) }
    }
    return escaped
  }
}

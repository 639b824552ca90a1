extension String {
  /// Whether something in it would steer a terminal, or make its text look like another: control characters, marks of
  /// the direction of writing, blanks without width.
  package var hasInvisibleCharacters: Bool { unicodeScalars.contains(where: \.isInvisible) }
}

extension Unicode.Scalar {
  package var isInvisible: Bool {
    // What a font may leave out: fillers, joiners, selectors of variants.
    if properties.isDefaultIgnorableCodePoint { return true }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }
}

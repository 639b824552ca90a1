/// A command written as one text, split into words as a shell splits it. There is no shell: nothing is expanded, and
/// what only a shell can do is refused.
enum CommandWords {
  private static let shellsOwn: Set<Character> = ["|", "&", ";", "<", ">", "(", ")", "$", "`", "*", "?"]

  /// Splits at blanks; quotation marks and backslashes keep blanks, as in `sh`.
  ///
  /// - Throws: ``CredentialError`` for an open quotation mark or what needs a shell.
  static func split(_ text: String, place: String) throws(CredentialError) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var characters = text.makeIterator()
    while let character = characters.next() {
      switch (character, quote) {
      case (let mark, let open?) where mark == open: quote = nil
      case ("\\", let open) where open != "'":
        guard let next = characters.next() else { throw wrong("it ends in a backslash", place) }
        // Between double quotation marks a backslash is itself, but before these.
        let keepsBackslash = open == "\"" && !["\"", "\\", "$", "`"].contains(next)
        word = (word ?? "") + (keepsBackslash ? "\\" : "") + String(next)
      case ("'", nil), ("\"", nil):
        quote = character
        word = word ?? ""
      case (_, nil) where character.isWhitespace:
        if let complete = word { words.append(complete) }
        word = nil
      case ("$", "\""?), ("`", "\""?): throw wrong("'\(character)' is for a shell, and there is none", place)
      case (_, nil) where shellsOwn.contains(character):
        throw wrong("'\(character)' is for a shell, and there is none", place)
      default: word = (word ?? "") + String(character)
      }
    }
    guard quote == nil else { throw wrong("a quotation mark is left open", place) }
    if let word { words.append(word) }
    guard !words.isEmpty else { throw wrong("it is empty", place) }
    return words
  }

  private static func wrong(_ reason: String, _ place: String) -> CredentialError {
    CredentialError(
      place: place, message: "'credential_process' cannot be read: \(reason)",
      hint: "quote the word, write a list of words, or name a script")
  }
}

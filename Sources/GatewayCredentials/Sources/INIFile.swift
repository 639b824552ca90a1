internal import GatewayAPI

/// An INI file as the SDKs read theirs: sections of names and values.
struct INIFile: Sendable {
  struct Section: Sendable {
    /// Line of its heading.
    let line: Int
    /// By name in lower case.
    var values: [String: String] = [:]
  }

  private(set) var sections: [String: Section] = [:]

  /// - Throws: ``CredentialError`` with the line, which is never quoted: it may hold a secret.
  init(_ text: String, path: String) throws(CredentialError) {
    var name: String?
    // Also at a carriage return: a file may come from Windows.
    for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let line = raw.trimmed
      func wrong(_ reason: String, hint: String? = nil) -> CredentialError {
        CredentialError(place: "\(path):\(index + 1)", message: reason, hint: hint)
      }
      guard let first = line.first, first != "#", first != ";" else { continue }
      if first == "[" {
        guard line.last == "]", line.count > 2 else { throw wrong("a section's name must stand in brackets") }
        let section = line.dropFirst().dropLast().trimmed
        guard sections[section] == nil else { throw wrong("section [\(section)] stands here for the second time") }
        sections[section] = Section(line: index + 1)
        name = section
        continue
      }
      guard let separator = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
        throw wrong("this line is neither a section nor a name and a value", hint: "write: ak = …")
      }
      guard let name else { throw wrong("this value stands in no section", hint: "begin with [basic]") }
      let key = line[..<separator].trimmed.lowercased()
      guard sections[name]?.values[key] == nil else { throw wrong("'\(key)' stands in [\(name)] for the second time") }
      sections[name]?.values[key] = line[line.index(after: separator)...].trimmed
    }
  }
}

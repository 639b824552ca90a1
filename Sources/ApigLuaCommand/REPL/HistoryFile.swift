internal import Foundation
internal import Glibc

/// What was typed on one gateway, from session to session: a line of the file for each input, with `\n` for the line ends
/// in it. Sessions that run at once add to the same file.
struct HistoryFile: Sendable {
  private static let most = 5000

  let path: String

  /// - Throws: ``ConfigurationError`` when there is no folder for it.
  init(gateway: String, variables: EnvironmentVariables) throws {
    let folder = try variables.folder("XDG_STATE_HOME", default: ".local/state") + "/history"
    let safe = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-_"))
    path = "\(folder)/\(gateway.addingPercentEncoding(withAllowedCharacters: safe) ?? "gateway")"
  }

  /// Reads the inputs, the oldest first; none when there is no file that can be read. A file of twice as many loses the
  /// older half.
  func read() -> [String] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    let lines = text.split(separator: "\n")
    let latest = lines.suffix(Self.most)
    if lines.count > 2 * Self.most { replace(with: latest) }
    return latest.map { Self.decoded(String($0)) }
  }

  /// What another session adds at the same moment is lost: an old input is worth no lock.
  private func replace(with lines: ArraySlice<Substring>) {
    let text = lines.joined(separator: "\n") + "\n"
    guard (try? Data(text.utf8).write(to: URL(filePath: path), options: .atomic)) != nil else { return }
    try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }

  /// Adds an input, unless it is one to forget. A file that cannot be written keeps nothing: no session ends for that.
  func add(_ input: String) {
    guard Self.isKept(input) else { return }
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    // One write to the end of the file: other sessions' lines stay whole.
    let line = Array((Self.encoded(input) + "\n").utf8)
    _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  }

  /// Whether an input may be written down: none that begins with a blank, and none that holds a secret.
  static func isKept(_ input: String) -> Bool {
    guard let first = input.first, !first.isWhitespace else { return false }
    return !holdsSecret(input)
  }

  /// Whether a text seems to hold a secret: better one too many.
  static func holdsSecret(_ text: String) -> Bool {
    // The name of a secret is none.
    let text = text.replacing(secretName, with: "")
    return [secretAssignment, secretCall, secretPair, secretParameter].contains { text.contains($0) }
      || text.contains(userInURL) || text.contains(secretText)
  }

  // Regexes are values that nobody changes, though they are not marked as such.

  private nonisolated(unsafe) static let secretName = /\.secret\s*\(?\s*(?:"[^"]*"|'[^']*')/

  /// A text given to something that is called like a secret.
  private nonisolated(unsafe) static let secretAssignment =
    #/
    (?i)
    (?:secret|token|passw|passphrase|pwd|credential|api[-_]?key|access[-_]?key|private[-_]?key
      |signature|cookie|authorization|(?:\b|_)pass(?:\b|_)|\b[as]k\b|\bpw\b)
    [\w-]* (?: ["'\]\s]* | \s* <\s*\w+\s*> \s* | (?:\s*,\s*[\w.]+)+ \s* ) [=:~]=? [\s\(]* ["'\[]
    /#

  /// A name in quotation marks, and a text behind it.
  private nonisolated(unsafe) static let secretPair =
    #/
    (?i)
    ["'] [\w-]* (?:secret|token|passw|passphrase|pwd|credential|key|cookie|authorization) [\w-]* ["'] \s* , \s* ["'\[]
    /#

  /// A text given to a function that is called like a secret.
  private nonisolated(unsafe) static let secretCall =
    #/
    (?i)
    (?:^|[\s.:\(,=\{]) \w*
    (?:secret|token|passw|passphrase|pwd|credential|login|private_?key|cookie|authorization)
    \w* \s* \(? \s* ["'\[]
    /#

  /// One of the parameters behind a URL.
  private nonisolated(unsafe) static let secretParameter =
    #/
    (?i)
    [?&] [\w.-]* (?:secret|token|passw|pwd|key|sig|auth|code) [\w.-]* = [^&\s"']
    /#

  private nonisolated(unsafe) static let userInURL = /:\/\/[^\/\s"'@]+@/

  private nonisolated(unsafe) static let secretText =
    /(?i)\bbearer\s+\S|\bbasic\s+[a-z0-9+\/]{8}|-----BEGIN|\beyJ[\w-]{8,}\.[\w-]+\./

  private static func encoded(_ input: String) -> String {
    input.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\r", with: "")
  }

  private static func decoded(_ line: String) -> String {
    var result = ""
    var isEscaped = false
    for character in line {
      if isEscaped {
        result.append(character == "n" ? "\n" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}

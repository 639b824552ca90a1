internal import GatewayAPI
internal import GatewayScripting
internal import Glibc
internal import LuaRuntime

/// What `t.run` and its kin ask for.
struct TrialRequest: Sendable {
  enum Kind: String, Sendable {
    case run, resume, rollback
  }

  let kind: Kind
  /// The run that goes on or is undone.
  let run: String?
  let source: ScriptSource
  let chunk: LuaChunk
  let parameters: ParameterValues
  /// As on the command line.
  let flags: [String]
  /// What confirmations are answered with, in turn, the last for all that come behind; empty says yes to all.
  let answers: [Bool]
  /// Secrets that the run may have, by name.
  let secrets: [String: String]
  /// The place of the last entry that the journal keeps.
  let crashAfter: Int64?
  /// Whether the test has a word when the run waits.
  let pauses: Bool
  /// Of plans: what goes wrong.
  let assumptions: [String]

  /// - Parameter folders: where scripts are looked for, the first first.
  /// - Throws: ``GatewayError`` of kind `usage`; ``UsageError`` for a script that cannot be read.
  init(_ options: Document, folders: [String]) throws {
    func texts(_ name: String) -> [String] {
      options[name]?.arrayValue?.compactMap(\.text) ?? options[name]?.text.map { [$0] } ?? []
    }
    kind = options["kind"]?.stringValue.flatMap(Kind.init(rawValue:)) ?? .run
    run = options["run"]?.stringValue
    if let code = options["code"]?.stringValue {
      source = .line(code)
      chunk = LuaChunk(name: options["name"]?.stringValue ?? "inline.lua", source: Array(code.utf8))
    } else if let path = options["script"]?.stringValue {
      source = try Self.file(path, folders)
      chunk = try source.chunk()
    } else {
      source = .line("")
      chunk = LuaChunk(name: "", source: [])
    }
    let given = options["params"]?.arrayValue ?? []
    parameters = ParameterValues(
      named: given.compactMap { entry in
        entry["name"]?.text.map { (name: $0, value: entry["value"]?.text ?? "") }
      })
    var flags: [String] = []
    for name in ["allow", "deny", "env", "only", "skip", "concurrency"] {
      for value in texts(name) { flags += ["--\(name)", value] }
    }
    self.flags = flags
    answers = options["answers"]?.arrayValue?.map { $0 == true } ?? []
    secrets = (options["secrets"]?.objectValue ?? [:]).compactMapValues(\.text)
    crashAfter = options["crash_at"]?.integerValue.map { Int64($0) }
    pauses = options["pauses"] == true
    assumptions = texts("assume")
    if let crashAfter, crashAfter < 1 {
      throw GatewayError(kind: .usage, message: "'crash_at' counts the journal's entries from 1", operation: "t.run")
    }
  }

  /// Without links and dots; nil for what is not there.
  private static func real(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  private static func file(_ path: String, _ folders: [String]) throws -> ScriptSource {
    let candidates = path.hasPrefix("/") ? [path] : folders.map { $0 + "/" + path }
    let roots = folders.compactMap(real)
    for candidate in candidates where access(candidate, R_OK) == 0 {
      guard let place = real(candidate), roots.contains(where: { place.hasPrefix($0 == "/" ? $0 : $0 + "/") }) else {
        throw GatewayError(
          kind: .usage, message: "the script '\(path)' lies outside of the tests' folders",
          hint: "scripts are taken from the spec's folder, the one above it and the working folder", operation: "t.run")
      }
      return .file(candidate)
    }
    throw GatewayError(
      kind: .usage, message: "there is no script '\(path)'",
      hint: "looked for in the spec's folder, the one above it and the working folder", operation: "t.run")
  }
}

internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// What of an input is a value that was wanted.
enum InputValue: Sendable {
  case nothing
  /// All of it: `_` from then on.
  case whole
  /// The last of several lines: `_` from then on.
  case lastLine
  /// All of it, and it did not become `_`.
  case passing

  /// - Parameters:
  ///   - text: as typed.
  ///   - chunk: what the console made of it.
  init(of text: String, in chunk: LuaChunk) {
    let typed = text.trimmingEnd
    self =
      chunk.source == Array(typed.utf8)
      ? .nothing : chunk.source == Array("return \(typed)".utf8) ? .whole : .lastLine
  }
}

/// What was typed in a session, and what came of it.
struct SessionInput: Sendable {
  /// As typed; several lines are one input.
  let text: String
  let value: InputValue
  let doings: SessionOutput.Doings
  /// What it changed.
  let scope: UndoScope
  /// Where calls went that named no gateway, and no environment.
  let gateway: String
  let environment: String?
  let isGood: Bool
  /// The steps of it that there is something to undo of.
  var standing: [APIChange]
  var isUndone = false
  /// Whether an undo of it has failed: those before it come first then.
  var isStuck = false

  /// As a script has it that does the same.
  var scriptText: String {
    switch value {
    case .nothing: return text
    case .whole: return "_ = \(text)"
    case .passing: return "do local _ = \(text) end"
    case .lastLine:
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      guard let last = lines.lastIndex(where: { !$0.allSatisfy(\.isWhitespace) }) else { return text }
      return (lines[..<last].map(String.init) + ["_ = \(lines[last])"]).joined(separator: "\n")
    }
  }
}

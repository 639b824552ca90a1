internal import Foundation
internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime

/// The inputs of a session that made calls, as a script that does the same again.
struct SessionPlaybook {
  private let kept: [SessionInput]
  /// What the kept ones may need and the file does not have, as a sentence each.
  private let missing: [String]
  private let facts: RunFacts

  /// Whether inputs are left out because they seem to hold secrets, or begin with a blank to be kept nowhere.
  let hasSecrets: Bool

  /// Takes the inputs that called the gateway, worked and were not undone, and those before them that give values to the
  /// names that these use.
  init(inputs: [SessionInput], facts: RunFacts) {
    self.facts = facts
    var kept: [SessionInput] = []
    var missing: [String] = []
    var words: Set<String> = []
    for input in inputs.reversed() where !input.isUndone {
      guard input.isGood, !input.text.isEmpty else {
        let names = words.intersection(input.text.assignedNames).sorted()
        if input.text.isEmpty {
          if !kept.isEmpty { missing.append("what the session got from a file") }
        } else if !names.isEmpty {
          missing.append("an input that failed after it may have set \(names.joined(separator: ", "))")
        }
        continue
      }
      let setsLast = input.value == .whole || input.value == .lastLine
      let isWanted = input.value == .nothing && !words.isDisjoint(with: input.text.assignedNames)
      guard !input.doings.calls.isEmpty || isWanted || (setsLast && words.contains("_")) else { continue }
      if setsLast { words.remove("_") }
      if let (names, rest) = input.text.assignment {
        // What these held before counts for nothing, unless the rest reads it.
        words.subtract(names)
        words.formUnion(rest)
      } else {
        words.formUnion(input.text.words)
      }
      kept.append(input)
    }
    self.kept = kept.reversed()
    self.missing = missing.reversed()
    hasSecrets = kept.contains { !HistoryFile.isKept($0.text) }
  }

  /// - Throws: ``UsageError`` when the inputs were typed at several places: a script begins at one.
  func refuseMixedPlaces() throws {
    let places = Set(kept.map { [$0.gateway, $0.environment].compactMap(\.self).joined(separator: "/") })
    guard places.count > 1 else { return }
    throw UsageError(
      message: "what was typed is of several places: \(places.sorted().joined(separator: ", "))",
      hint:
        "a script has one gateway and one default environment: name the others in the calls, and type it at one place"
    )
  }

  /// The options with which the script begins where it was typed, as far as that is not the settings' own place.
  func options(besides settings: Settings) -> String {
    guard let first = kept.first else { return "" }
    var options = ""
    if first.gateway != settings.gatewayName { options += "--gateway \(first.gateway) " }
    if first.environment != settings.environment, let environment = first.environment {
      options += "--env \(environment) "
    }
    return options
  }

  var isWorthSaving: Bool { kept.contains { !$0.doings.calls.isEmpty } }

  /// "2 reads, 1 switch"
  var summary: String {
    var reads = 0
    var words: [String] = []
    var counts: [String: Int] = [:]
    for call in kept.flatMap(\.doings.calls) {
      guard OperationCatalog.writes.contains(call) else {
        reads += 1
        continue
      }
      let word = call == "switch_version" ? "switch" : call
      if counts[word] == nil { words.append(word) }
      counts[word, default: 0] += 1
    }
    func counted(_ count: Int, _ word: String) -> String {
      guard count != 1 else { return "1 \(word)" }
      return "\(count) \(word)\(word.hasSuffix("h") ? "es" : "s")"
    }
    return ((reads > 0 ? [counted(reads, "read")] : []) + words.map { counted(counts[$0] ?? 0, $0) })
      .joined(separator: ", ")
  }

  /// The script's text. An expression keeps its value as `_`, as it did when it was typed; at another place than it was
  /// typed at, the script does nothing.
  var text: String {
    guard let first = kept.first else { return "" }
    let place = [first.gateway, first.environment].compactMap(\.self).joined(separator: "/")
    let gateway = LuaValue.text(first.gateway)
    let environment: LuaValue = if let name = first.environment { .text(name) } else { .nil }
    let literal = LuaLiteral(width: .max)
    let options =
      "--gateway \(first.gateway)" + (first.environment.map { " --env \($0)" } ?? " and no default environment")
    let head = """
      -- Typed in a session on \(place), \(facts.startedAt.prefix(19))Z: \(summary).
      -- Look at what it would do: apig-lua plan FILE
      if apig.run.gateway ~= \(literal.text(.plain(gateway))) or apig.run.env ~= \(literal.text(.plain(environment))) then
        error(\(literal.text(.plain(.text("this was typed on \(place): run it with \(options)")))), 0)
      end


      """
    // Nothing runs without what it was typed behind.
    func leftOut(_ what: String) -> String { "error(\(literal.text(.plain(.text("left out: \(what)")))), 0)" }
    let inputs = kept.map { input in
      guard HistoryFile.isKept(input.text) else {
        return leftOut("an input that seems to hold a secret: write it with apig.secret(\"NAME\")")
      }
      // A local lived as long as its input.
      return input.text.words.contains("local") ? "do\n\(input.scriptText)\nend" : input.scriptText
    }
    return head + (missing.map(leftOut) + inputs).map { $0 + "\n" }.joined()
  }

  /// - Throws: ``UsageError`` when the file is there already, or cannot be written.
  func write(to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .withoutOverwriting)
    } catch let error as CocoaError where error.code == .fileWriteFileExists {
      throw UsageError(message: "\(path) is there already", hint: "give it another name: nothing is overwritten")
    } catch {
      throw UsageError(message: "\(path) cannot be written: \((error as NSError).localizedDescription)")
    }
  }
}

extension String {
  fileprivate var words: Set<String> { Set(matches(of: /[A-Za-z_][A-Za-z0-9_]*/).map { String($0.output) }) }

  /// Of a text that begins with an assignment to plain names: these, and the words behind them.
  fileprivate var assignment: (names: Set<String>, rest: Set<String>)? {
    guard let match = firstMatch(of: /^\s*([A-Za-z_][A-Za-z0-9_]*(?:\s*,\s*[A-Za-z_][A-Za-z0-9_]*)*)\s*=([^=])/) else {
      return nil
    }
    return (String(match.1).words, String(self[match.2.startIndex...]).words)
  }

  /// What a statement gives a value to, as far as its beginning tells.
  fileprivate var assignedNames: Set<String> {
    if let match = firstMatch(of: /^\s*function\s+([A-Za-z_][A-Za-z0-9_]*)/) { return [String(match.1)] }
    guard let match = firstMatch(of: /^\s*([A-Za-z_][A-Za-z0-9_.\[\]"', ]*)=[^=]/) else { return [] }
    return String(match.1).words
  }
}

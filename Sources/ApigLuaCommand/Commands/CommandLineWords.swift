internal import ArgumentParser

/// The words of a command line in the order that the parser takes them.
enum CommandLineWords {
  /// Puts a command that stands behind options before them: `--gateway prod plan x.lua` is `plan --gateway prod x.lua`.
  ///
  /// Only what would be the script's place counts: behind it every word is the script's.
  static func commandFirst(_ arguments: [String]) -> [String] {
    for (index, word) in arguments.enumerated() {
      guard let command = named(word, among: ApigLua.configuration.subcommands), areOptions(arguments[..<index]) else {
        continue
      }
      let options = arguments[..<index]
      let rest = arguments[(index + 1)...]
      // `api --yes switch x` and `--yes api switch x` are `api switch --yes x`: options belong to the innermost.
      let verb = rest.indices.first { place in
        named(rest[place], among: command.configuration.subcommands) != nil && areOptions(rest[..<place])
      }
      guard let verb else { return [word] + options + rest }
      return [word, rest[verb]] + options + rest[..<verb] + rest[(verb + 1)...]
    }
    return arguments
  }

  private static func named(_ name: String, among commands: [any ParsableCommand.Type]) -> (any ParsableCommand.Type)? {
    commands.first { $0.configuration.commandName == name }
  }

  /// Whether words are options of the engine and their values, all of them.
  private static func areOptions(_ words: ArraySlice<String>) -> Bool {
    guard !words.isEmpty else { return true }
    let probe = "-"
    guard let command = try? ApigLua.parseAsRoot(words + [probe]) as? RunCommand else { return false }
    return command.script.code == nil && command.script.words == [probe]
  }
}

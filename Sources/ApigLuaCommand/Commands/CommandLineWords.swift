internal import ArgumentParser

/// The words of a command line in the order that the parser takes them.
enum CommandLineWords {
  /// Puts a command that stands behind options before them: `--gateway prod plan x.lua` is `plan --gateway prod x.lua`.
  ///
  /// Only what would be the script's place counts: behind it every word is the script's.
  static func commandFirst(_ arguments: [String]) -> [String] {
    let names = ApigLua.configuration.subcommands.compactMap { $0.configuration.commandName }
    for (index, word) in arguments.enumerated() where index > 0 && names.contains(word) {
      let probe = "-"
      guard let command = try? ApigLua.parseAsRoot(Array(arguments[..<index]) + [probe]) as? RunCommand,
        command.script.code == nil, command.script.words == [probe]
      else { continue }
      return [word] + arguments[..<index] + arguments[(index + 1)...]
    }
    return arguments
  }
}

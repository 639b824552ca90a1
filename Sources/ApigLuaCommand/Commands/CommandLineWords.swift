internal import ArgumentParser

/// The words of a command line in the order that the parser takes them.
enum CommandLineWords {
  /// Puts a command that stands behind options before them: `--gateway prod plan x.lua` is `plan --gateway prod x.lua`.
  ///
  /// Only what would be the script's place counts: behind it every word is the script's.
  static func commandFirst(_ arguments: [String]) -> [String] {
    let commands = ApigLua.configuration.subcommands
    for (index, word) in arguments.enumerated() where index > 0 {
      guard let found = commands.first(where: { $0.configuration.commandName == word }) else { continue }
      let probe = "-"
      guard let command = try? ApigLua.parseAsRoot(Array(arguments[..<index]) + [probe]) as? RunCommand,
        command.script.code == nil, command.script.words == [probe]
      else { continue }
      // `--gateway prod api switch x` is `api switch --gateway prod x`: options belong to the innermost.
      let verb = arguments.dropFirst(index + 1).first.flatMap { verb in
        found.configuration.subcommands.first { $0.configuration.commandName == verb }.map { _ in verb }
      }
      let path = [word] + [verb].compactMap(\.self)
      return path + arguments[..<index] + arguments[(index + path.count)...]
    }
    return arguments
  }
}

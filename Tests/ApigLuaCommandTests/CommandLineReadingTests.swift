import ArgumentParser
import Testing

@testable import ApigLuaCommand

/// Command lines are read by whom they are for, or without the parser: they mean what the whole tree of commands makes
/// of them.
@Suite struct CommandLineReadingTests {
  private static let plain: [[String]] = [
    ["x.lua"], ["x.lua", "a", "b"], ["x.lua", "--env", "PROD"], ["x.lua", "--env=PROD", "a"], ["x.lua", "a", "--help"],
    ["x.lua", "--help"], ["x.lua", "--version"], ["x.lua", "--yes"], ["x.lua", "--profile", "p", "--isolate"],
    ["x.lua", "plan"], ["x.lua", "plan", "--out", "f"], ["x.lua", ""], ["x.lua", "-e", "x"], ["run.lua"], ["Plan"],
    ["", "a"], ["-e", ""], ["-e", "return 1"], ["-e", "return ...", "word", "--flag"], ["-e", "x", "plan"],
    ["-e", "x", ""], ["-e", "x", "a", "-e", "b"], ["-e", "a=b"], ["plan x"], ["x.lua", "help"], ["x.lua", "--a--b"],
  ]

  private static let others: [[String]] = [
    [], ["help"], ["help", "plan"], ["help", "x.lua"], ["run", "x.lua"], ["run", "--help"], ["run", "help"], ["run"],
    ["plan", "x.lua", "--env", "P"], ["plan", "--out", "f", "x.lua"], ["--env", "P", "plan", "x.lua"],
    ["plan", "--nope"],
    ["api"], ["api", "list"], ["api", "list", "--help"], ["api", "switch", "a", "--yes"],
    ["--yes", "api", "switch", "a"],
    ["api", "nope"], ["api", "help", "list"], ["check"], ["check", "a.lua", "--strict"], ["check", "--version"],
    ["check", "a.lua", "--nope"], ["journal", "show", "last"], ["local", "start", "--auth", "nope"],
    ["-e"], ["-e", "-1"], ["-e", "--", "x"], ["-e", "x", "--env"], ["-e", "x", "--", "a"], ["-", "a"], ["--", "x.lua"],
    ["--env", "PROD", "x.lua"], ["--env", "PROD", "x.lua", "--help"], ["--quiet", "--help"], ["--quiet", "--version"],
    ["-n", "x.lua"], ["-qn", "x.lua"], ["--help"], ["-h"], ["--version"], ["--nope"], ["--nope", "x.lua"],
    ["--timeout", "x", "x.lua"], ["--record", "a", "--replay", "b", "x.lua"], ["--quiet", "plan"], ["--nope", "plan"],
    ["x.lua", "--"], ["x.lua", "--", "-a"], ["x.lua", "---a"], ["x.lua", "-=a"], ["x.lua", "-q"], ["x.lua", "--=a"],
    ["x.lua", "--generate-completion-script", "zsh"], ["x.lua", "--generate-completion-script=zsh"],
    ["--generate-completion-script", "zsh"], ["check", "--generate-completion-script", "zsh"],
    ["--experimental-dump-help"], ["check", "--experimental-dump-help"],
  ]

  /// What a reading comes to, as text: the command with the value of each option, or the message.
  private static func text(_ read: () throws -> any ParsableCommand) -> String {
    do {
      let command = try read()
      return "\(command)"
    } catch {
      return "\(ApigLua.exitCode(for: error)): \(ApigLua.fullMessage(for: error))"
    }
  }

  private static func treeText(_ words: [String]) -> String {
    text { try ApigLua.parseAsRoot(CommandLineWords.commandFirst(words)) }
  }

  @Test(arguments: plain) func aPlainLineMeansWhatTheParserMakesOfIt(_ words: [String]) throws {
    let script = try #require(ScriptWords(plain: words))
    let command = try #require(try ApigLua.parseAsRoot(CommandLineWords.commandFirst(words)) as? RunCommand)
    #expect(command.script.typed == script && !command.dryRun && !command.isInteractive)
    #expect("\(command.flags.options)" == "\(EngineOptions())")
  }

  @Test(arguments: others) func anyOtherLineMeansWhatTheWholeTreeMakesOfIt(_ words: [String]) {
    #expect(ScriptWords(plain: words) == nil)
    #expect(
      Self.text { try ApigLua.command(of: CommandLineWords.commandFirst(words)) } == Self.treeText(words))
  }
}

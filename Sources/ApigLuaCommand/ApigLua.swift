public import ArgumentParser
internal import GatewayScripting
internal import Glibc

/// The command `apig-lua`.
public struct ApigLua: AsyncParsableCommand {
  /// The product's version, as `--version` and the user agent give it.
  public static let version = "0.1.0"

  public static let configuration = CommandConfiguration(
    commandName: "apig-lua",
    abstract: "Runs release scripts in Lua against an API gateway.",
    usage: """
      apig-lua [options] SCRIPT [parameters]
      apig-lua [options] OWNER/NAME [parameters]
      apig-lua [options] -e CODE
      apig-lua [options] [repl [SCRIPT]]
      apig-lua plan SCRIPT [parameters] [--out FILE]
      apig-lua apply PLAN
      apig-lua check PATH...
      apig-lua resume RUN
      apig-lua rollback RUN
      apig-lua status [RUN]
      apig-lua test [PATH...]
      apig-lua journal list|show RUN|export RUN
      apig-lua lock list|release SCOPE --reason TEXT
      apig-lua pkg add SOURCE|install|update|remove|list|verify|pack|sign
      apig-lua local start|reset|seed|snapshot|fault
      apig-lua profile list|show [NAME]
      apig-lua doctor
      apig-lua doc [NAME]
      apig-lua init [DIR]
      apig-lua types [--out DIR]
      apig-lua drift LEFT RIGHT
      apig-lua snapshot ENV [--out FILE]
      apig-lua api list|show API|history API|diff API|export
      apig-lua api publish|offline API...
      apig-lua api switch API|--from FILE
      apig-lua env list
      apig-lua group list
      apig-lua gateway list|ping
      """,
    discussion: """
      With no gateway configured, scripts work on a local gateway that starts by itself.
      Options of apig-lua stand before the script, parameters of the script after it;
      `apig-lua SCRIPT --help` shows the script's own, `apig-lua run --help` the options.
      """,
    version: "apig-lua \(version)",
    subcommands: [
      RunCommand.self, PlanCommand.self, ApplyCommand.self, CheckCommand.self, TestCommand.self, ResumeCommand.self,
      RollbackCommand.self, StatusCommand.self, ReplCommand.self,
      JournalCommand.self, LockCommand.self, DriftCommand.self, SnapshotCommand.self, APICommand.self,
      EnvCommand.self, GroupCommand.self, GatewayCommand.self,
      PackageCommand.self, LocalCommand.self, ProfileCommand.self, DoctorCommand.self, DocCommand.self,
      InitCommand.self, TypesCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  public init() {}

  /// Parses the process's arguments, runs what they say and ends the process.
  public static func main() async {
    // A reader that goes away (`| head`) is no failure: writes report it instead of a signal.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    let script = ScriptWords(plain: arguments)
    let words = script == nil ? CommandLineWords.commandFirst(arguments) : arguments
    CrashFile.watch(ProcessFacts.current.variables, command: script == nil ? commandName(in: words) : "run")
    let status = await status { try await carryOut(script, arguments, words: words) }
    if let file = CrashFile.make() {
      StandardStream.error.write("  this is a bug of ours: please report it, with \(file)\n")
    }
    Glibc.exit(status.rawValue)
  }

  static let commandNames = configuration.subcommands.compactMap { $0.configuration.commandName }

  /// Which of the commands is meant; nothing else of what was typed.
  private static func commandName(in words: [String]) -> String {
    words.first.flatMap { commandNames.contains($0) ? $0 : nil } ?? "run"
  }

  /// Reads a command line.
  ///
  /// The parser begins with the whole tree of commands, of which `run` as the default is the largest part. So whom a
  /// command line is for reads it alone; what that cannot read, who asks for help, and the shell that asks for
  /// completions (`---completion`) are the tree's to answer.
  ///
  /// - Parameter words: those that were typed, the command first.
  /// - Throws: what the parser throws.
  static func command(of words: [String]) throws -> any ParsableCommand {
    if let named = configuration.subcommands.first(where: { $0.configuration.commandName == words.first }) {
      if let command = command(named, of: Array(words.dropFirst())) { return command }
    } else if words.count > 1, words[0] != "help", !words[0].hasPrefix("---") {
      if let command = command(RunCommand.self, of: words) { return command }
    }
    return try parseAsRoot(words)
  }

  /// What a command, or one below it, reads of its words.
  private static func command(_ type: any ParsableCommand.Type, of words: [String]) -> (any ParsableCommand)? {
    guard let command = try? type.parseAsRoot(words) else { return nil }
    // The parser's own commands are those that show help.
    let isOurs = ([type] + type.configuration.subcommands).contains { $0 == Swift.type(of: command) }
    return isOurs ? command : nil
  }

  /// - Parameters:
  ///   - script: what the command line says to who reads it without the parser; nil where the parser has to.
  ///   - words: the arguments with the command first.
  private static func carryOut(_ script: ScriptWords?, _ arguments: [String], words: [String]) async throws {
    if let script { return try await running(EngineOptions(), script) }
    if let script = CompletionScript.asked(for: arguments) { return StandardStream.output.write(script) }
    var command = try command(of: words)
    // A cast to a type compares; one to a protocol searches the whole binary, and this is what most lines are.
    if let run = command as? RunCommand {
      try await run.run()
    } else if var asynchronous = command as? any AsyncParsableCommand {
      try await asynchronous.run()
    } else {
      try command.run()
    }
  }

  private static func status(of command: () async throws -> Void) async -> ExitStatus {
    do {
      // What the operator asked for is done with his rights; code of packages gets its own.
      try await Principal.$current.withValue(.script) { try await command() }
      return .ok
    } catch let status as ExitStatus {
      return status
    } catch {
      let text = fullMessage(for: error)
      let isFailure = exitCode(for: error) != .success
      StandardStream(descriptor: isFailure ? STDERR_FILENO : STDOUT_FILENO).write(text + "\n")
      return isFailure ? .usage : .ok
    }
  }
}

extension ExitStatus: Error {}

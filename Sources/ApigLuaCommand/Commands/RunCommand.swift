internal import ArgumentParser
internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// `apig-lua SCRIPT`: the command's main job, and what is meant when no command is named.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a script; the word 'run' may be left out.",
    usage: "apig-lua [options] SCRIPT [parameters]")

  @OptionGroup var options: EngineOptions

  @Option(name: .customShort("e"), help: ArgumentHelp("Runs this line instead of a file.", valueName: "code"))
  var code: String?

  @Option(
    name: [.customShort("p"), .customLong("param")],
    help: ArgumentHelp("A parameter of the script; may be repeated.", valueName: "name=value"))
  var parameters: [String] = []

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The script (- for standard input) and its parameters.", valueName: "script"))
  var words: [String] = []

  func run() async throws {
    let process = ProcessFacts.current
    var style = Style(.auto, variables: process.variables, stream: .error)
    do {
      var settings = try Settings(options, variables: process.variables, folder: process.folder)
      style = Style(settings.color, variables: process.variables, stream: .error)
      let (source, arguments) = try scriptAndArguments()
      if options.tokenStdin {
        if case .standardInput = source { throw StandardInputToken.conflict }
        settings.suppliedToken = try StandardInputToken.read()
      }
      let chunk = try source.chunk()
      let session = ScriptSession(
        settings: settings, instruments: asksForHelp(arguments) ? RunInstruments() : try RunInstruments(settings),
        style: style, process: process, limits: options.limits,
        isIsolated: options.isolate,
        start: RunStart(
          chunk: chunk, path: source.absolutePath(in: process.folder),
          parameters: try ParameterValues(arguments: arguments, named: namedParameters()),
          seed: .random(in: .min ... .max), flags: options.kept, startedAt: Timestamp.now().text),
        modules: source.moduleFolder)
      if asksForHelp(arguments) {
        StandardStream.output.write(try await session.help(script: source.name))
      } else {
        let status = await session.run()
        guard status == .ok else { throw status }
      }
    } catch let status as ExitStatus {
      throw status
    } catch {
      StandardStream.error.write(ErrorReport(error: error, style: style).text)
      throw ExitStatus(error: error, changes: RunChanges(), signal: nil)
    }
  }

  private func scriptAndArguments() throws -> (ScriptSource, [String]) {
    // What stands behind `--` is captured with it.
    let words = words.first == "--" ? Array(words.dropFirst()) : words
    if let code { return (.line(code), words) }
    if let script = words.first {
      try refuseUnknownOption(script)
      let arguments = words.dropFirst()
      return (
        script == "-" ? .standardInput : .file(script),
        Array(arguments.first == "--" ? arguments.dropFirst() : arguments)
      )
    }
    guard !StandardStream(descriptor: 0).isTerminal else {
      throw UsageError(message: "no script is given", hint: "apig-lua SCRIPT, apig-lua -e CODE, or apig-lua --help")
    }
    return (.standardInput, [])
  }

  /// Everything behind the first unknown word is the script's, so a mistyped option arrives here.
  private func refuseUnknownOption(_ word: String) throws {
    guard word.hasPrefix("-"), word != "-" else { return }
    let name = word.prefix { $0 != "=" }
    let known = Self.helpMessage().split { !($0.isLetter || $0 == "-") }.filter { $0.hasPrefix("-") }.map(String.init)
    throw UsageError(
      message: "unknown option '\(name)'",
      hint: Suggestion.closest(to: String(name), in: known).map { "did you mean '\($0)'?" }
        ?? "apig-lua run --help lists them")
  }

  private func asksForHelp(_ arguments: [String]) -> Bool {
    arguments.contains { $0 == "--help" || $0 == "-h" }
  }

  private func namedParameters() throws -> [(name: String, value: String)] {
    try parameters.map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw UsageError(message: "-p takes NAME=VALUE, not '\(text)'")
      }
      return (String(parts[0]), String(parts[1]))
    }
  }
}

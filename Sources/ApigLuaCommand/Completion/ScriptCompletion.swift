internal import ArgumentParser
internal import Foundation
internal import GatewayAPI
internal import GatewayScripting

/// What can stand where a script and its parameters stand.
struct ScriptCompletion: Sendable {
  /// The command line, the command's name first.
  let words: [String]
  /// Of the word that is typed.
  let index: Int
  /// What of it stands before the cursor.
  let prefix: String

  var candidates: [String] {
    get async {
      let before = words.prefix(index).dropFirst().map(\.withoutQuotes)
      guard !before.isEmpty, let given = Self.scriptWords(Array(before)), let script = given.first else { return files }
      guard let parameters = await Self.parameters(of: script) else { return [] }
      let last = given.count > 1 ? given[given.count - 1] : ""
      if let parameter = parameters.first(where: { $0.flag == last && $0.type != .boolean }) {
        return await values(of: parameter)
      }
      return parameters.map(\.flag).filter { !given.contains($0) } + ["--help"]
    }
  }

  /// The script and what is behind it, as the parser takes them.
  private static func scriptWords(_ words: [String]) -> [String]? {
    let command = try? ApigLua.command(of: CommandLineWords.commandFirst(words))
    return (command as? RunCommand)?.script.words ?? (command as? PlanCommand)?.script.words
  }

  private static func parameters(of script: String) async -> [ParameterDeclaration]? {
    let process = ProcessFacts.current
    let options = EngineOptions()
    guard let settings = try? Settings(options, variables: process.variables, folder: process.folder) else {
      return nil
    }
    let configuration = SessionConfiguration(
      settings: settings, instruments: RunInstruments(),
      style: Style(.never, variables: process.variables, stream: .error), process: process, limits: options.limits,
      isIsolated: false)
    guard let source = try? await ScriptSource.file(script).resolved(in: configuration.packages),
      let chunk = try? source.chunk()
    else { return nil }
    return try? await configuration.description(of: chunk, runner: configuration.describer(of: source, chunk))
      .parameters
  }

  private func values(of parameter: ParameterDeclaration) async -> [String] {
    switch parameter.type {
    case .env: await KnownNames(words)?.names(of: .environment) ?? []
    case .group: await KnownNames(words)?.names(of: .group) ?? []
    case .api: await KnownNames(words)?.names(of: .api) ?? []
    case .choice: parameter.words
    case .file: files
    default: []
    }
  }

  /// What begins so in its folder: scripts, and folders with a slash behind them.
  private var files: [String] {
    let typed = prefix.withoutQuotes
    let folder = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().compactMap { name in
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder + name, isDirectory: &isFolder) else { return nil }
      if isFolder.boolValue { return folder + name + "/" }
      return name.hasSuffix(".lua") ? folder + name : nil
    }
  }
}

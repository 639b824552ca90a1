internal import ArgumentParser
internal import Foundation

/// The command's manual page, made from the declarations of its commands.
struct ManualPage {
  /// As the argument parser describes a command.
  private struct CommandInfo: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let subcommands: [CommandInfo]?
    let arguments: [ArgumentInfo]?
    let shouldDisplay: Bool?
  }

  private struct ArgumentInfo: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String

      var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    let kind: String
    let names: [Name]?
    let valueName: String?
    let abstract: String?
    let shouldDisplay: Bool?
  }

  private struct Tool: Decodable { let command: CommandInfo }

  private let root: CommandInfo
  /// Of the command that is meant when none is named: they stand for all.
  private let engineOptions: Set<String>

  /// - Throws: `DecodingError`: the parser describes itself in another way.
  init(of command: (some ParsableCommand).Type) throws {
    root = try JSONDecoder().decode(Tool.self, from: Data(command._dumpHelp().utf8)).command
    let engine = try JSONDecoder().decode(Tool.self, from: Data(EngineFlags._dumpHelp().utf8)).command
    engineOptions = Set((engine.arguments ?? []).map(Self.title))
  }

  /// In the macros of man(7).
  var text: String {
    var page = """
      .TH APIG\\-LUA 1 "" "apig\\-lua \(ApigLua.version)" "User Commands"
      .SH NAME
      apig\\-lua \\- \(Self.escaped(root.abstract ?? ""))
      .SH SYNOPSIS
      .nf

      """
    for line in ApigLua.configuration.usage?.split(separator: "\n") ?? [] { page += Self.escaped(String(line)) + "\n" }
    page += ".fi\n.SH DESCRIPTION\n" + Self.paragraphs(root.discussion)
    page += ".SH COMMANDS\n"
    for command in root.subcommands ?? [] { page += section(command, path: "") }
    page += ".SH OPTIONS\nCommands that turn to a gateway take them; they stand before the script.\n"
    for argument in root.subcommands?.first(where: { $0.commandName == "run" })?.arguments ?? []
    where engineOptions.contains(Self.title(argument)) {
      page += Self.item(argument)
    }
    page += ".SH EXIT STATUS\n"
    for status in ExitStatus.allCases { page += ".TP\n.B \(status.rawValue)\n\(Self.escaped(status.summary))\n" }
    return page + """
      .SH FILES
      .TP
      .I apig.yaml
      Gateways and permissions of a project, searched upwards to the root of the repository.
      .TP
      .I $XDG_CONFIG_HOME/apig\\-lua/config.yaml
      The same of a user, and credentials.
      .TP
      .I $XDG_STATE_HOME/apig\\-lua/journal.db
      What runs did.
      .SH SEE ALSO
      .B apig\\-lua doc
      lists the functions of scripts,
      .B apig\\-lua doc NAME
      explains one.

      """
  }

  // MARK: - Parts

  private func section(_ command: CommandInfo, path: String) -> String {
    guard command.shouldDisplay ?? true, command.commandName != "help" else { return "" }
    let path = path.isEmpty ? command.commandName : path + " " + command.commandName
    if let subcommands = command.subcommands?.filter({ $0.commandName != "help" }), !subcommands.isEmpty {
      return subcommands.map { section($0, path: path) }.joined()
    }
    let arguments = (command.arguments ?? []).filter { argument in
      argument.shouldDisplay ?? true && !["--help", "--version"].contains(argument.names?.last?.text)
    }
    let positional = arguments.filter { $0.kind == "positional" }.map { ($0.valueName ?? "").uppercased() }
    var text = ".SS apig\\-lua \(Self.escaped(([path] + positional).joined(separator: " ")))\n"
    text += Self.escaped(command.abstract ?? "") + "\n"
    if let discussion = command.discussion { text += ".PP\n" + Self.paragraphs(discussion) }
    for argument in arguments where !engineOptions.contains(Self.title(argument)) { text += Self.item(argument) }
    return text
  }

  private static func title(_ argument: ArgumentInfo) -> String {
    let names = (argument.names ?? []).map(\.text).joined(separator: ", ")
    let value = argument.valueName.map { argument.kind == "flag" ? "" : "<\($0)>" } ?? ""
    return [names, value].filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func item(_ argument: ArgumentInfo) -> String {
    ".TP\n.B \(escaped(title(argument)))\n\(escaped(argument.abstract ?? ""))\n"
  }

  /// Text as it stands: its lines are made to fit.
  private static func paragraphs(_ text: String?) -> String {
    guard let text else { return "" }
    return ".nf\n"
      + text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) + "\n" }
      .joined() + ".fi\n"
  }

  /// Without what roff takes for its own: backslashes, hyphens, and marks at the beginning of a line.
  private static func escaped(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }
}

internal import ArgumentParser
internal import GatewayAPI
internal import OpenAPIDiff
internal import ReleaseEngine

/// `apig-lua api diff API`: what publishing would change, or what differs between two versions.
struct APIDiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compares an API's draft with what an environment runs; ends with 2 when they differ.",
    usage: "apig-lua api diff API --env ENV [--from VERSION] [--to VERSION]",
    discussion: """
      Without --from and --to: from what ENV runs to the draft, so it tells what publishing would change.
      A version is a number, an ID, -1 for the one before, or the word draft.
      """)

  @OptionGroup var flags: EngineFlags

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What is compared; the version in effect in ENV unless given.", valueName: "version"))
  var from: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("With what; the draft unless given.", valueName: "version"))
  var to = NamedVersion.draft

  @Argument(help: "The API, by name or ID.", completion: LiveCompletion.apis)
  var api: String

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let (name, left, right) = try await withReadingGateways(settings) { open in
        let run = try await open(nil)
        let found = try await run.found(.api, api)
        var environment: (id: String, name: String)?
        if let name = settings.environment { environment = try await run.found(.environment, name) }
        let left = try await NamedVersion(from, of: found, in: environment, on: run)
        return (found.name, left, try await NamedVersion(to, of: found, in: environment, on: run))
      }
      let diff = DefinitionDiff(fromValue: left.definition.content, to: right.definition.content)
      try await result(diff, name, left, right).write(settings) {
        guard !diff.changes.isEmpty else {
          return "no differences between \(left.label) and \(right.label) of \(name)\n"
        }
        let style = Style(settings.color, variables: settings.variables, stream: .output)
        let lines = ["\(name)   \(left.label) → \(right.label)"] + diff.changes.map(\.text)
        return lines.joined(separator: "\n").withoutControlCharactersButNewlines.replacing("→", with: style.arrow)
          + "\n"
      }
      return diff.changes.isEmpty ? .ok : .differences
    }
  }

  private func result(
    _ diff: DefinitionDiff, _ api: String, _ left: NamedVersion, _ right: NamedVersion
  ) -> CommandResult {
    CommandResult(
      event: "diff",
      document: [
        "schema": 1, "api": .string(api), "left": .string(left.label), "right": .string(right.label),
        "differences": .integer(Int64(diff.changes.count)), "changes": .array(diff.changes.map(\.document)),
      ],
      table: DataTable(
        columns: ["change", "where", "what"],
        rows: diff.changes.map { [$0.kind.rawValue, $0.path, $0.findings.map(\.text).joined(separator: "; ")] }))
  }
}

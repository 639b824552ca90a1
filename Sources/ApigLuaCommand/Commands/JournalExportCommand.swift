internal import ArgumentParser
internal import GatewayAPI
internal import RunJournal

/// `apig-lua journal export RUN`: everything that the journal has of a run, for other programs.
struct JournalExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes the journal of a run: one JSON object a line, the run itself first.",
    discussion: """
      Each line has the members schema and kind; kind is run for the first, then intent, outcome, answer, mark or \
      process. With --output json it is one array.
      """)

  @OptionGroup var flags: EngineFlags

  @Flag(help: "Only the definitions of APIs that the run read, to restore from.")
  var definitions = false

  @Argument(help: "The run: its name, the beginning of it, or last.", completion: LiveCompletion.runs)
  var run: String

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let (store, record) = try await JournalFile.run(run, settings.variables)
      let entries = try await store.entries(of: record.id, from: 1)
      let lines = definitions ? keptDefinitions(entries) : [start(record)] + entries.map(line)
      let table = EntryListing(
        entries: entries, style: Style(.never, variables: settings.variables, stream: .output),
        moment: MomentText(.output), showsAnswers: true
      ).table
      try await CommandResult(event: "entry", document: .array(lines), table: table)
        .write(settings) { lines.map { $0.jsonText + "\n" }.joined() }
      if lines.isEmpty {
        StandardStream.error.write(
          "\(record.id) read no definitions, so the journal keeps none; apig-lua api export reads those in effect\n")
      }
      return .ok
    }
  }

  private func start(_ record: RunRecord) -> Document {
    var members = record.document.objectValue ?? [:]
    members["schema"] = 1
    members["kind"] = "run"
    members["start"] = record.start
    return .object(members)
  }

  private func line(_ entry: JournalEntry) -> Document {
    var members = entry.document.objectValue ?? [:]
    members["schema"] = 1
    return .object(members)
  }

  /// What the gateway answered when it was asked for definitions.
  private func keptDefinitions(_ entries: [JournalEntry]) -> [Document] {
    let operations = [GetAPI.descriptor, GetVersion.descriptor, GetRuntimeDefinition.descriptor, Export.descriptor]
    let names = Set(operations.map(\.name))
    return entries.filter { $0.kind == .answer && names.contains($0.operation) }.compactMap { entry in
      guard let definition = entry.body["answer"] else { return nil }
      return [
        "schema": 1, "kind": "definition", "sequence": .integer(entry.sequence), "time": .string(entry.time.text),
        "operation": .string(entry.operation), "definition": definition,
      ]
    }
  }
}

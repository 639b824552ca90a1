internal import DocumentYAML
internal import GatewayAPI

/// What a command that only looks found, in every form of `--output` but the one for people.
struct CommandResult: Sendable {
  /// What a line of it is about, in `ndjson`.
  let event: String
  /// An object; a list comes as so many lines in `ndjson`.
  let document: Document
  /// For `csv` and `markdown`.
  let table: DataTable

  /// Writes it in the form that was asked for.
  ///
  /// - Parameter text: for people.
  func write(_ settings: Settings, _ text: () -> String) async throws {
    if settings.output == .table {
      await Pager(settings).write(text())
    } else {
      StandardStream.output.write(try self.text(settings.output))
    }
  }

  /// The whole in one of the forms for machines.
  func text(_ format: OutputFormat) throws -> String {
    switch format {
    case .table, .json, .yaml: try document.text(format)
    case .ndjson: (document.arrayValue ?? [document]).map { $0.line(of: event) }.joined()
    case .csv: table.csv
    case .markdown: table.markdown
    }
  }
}

extension Document {
  /// The whole as one document: YAML where that was asked for, else JSON.
  func text(_ format: OutputFormat) throws -> String {
    format == .yaml ? try YAMLText.text(of: self) : jsonText + "\n"
  }

  /// One line of JSON whose first member is `event`.
  func line(of event: String) -> String {
    var members = objectValue ?? ["value": self]
    members["event"] = nil
    let rest = Document.object(members).jsonText.dropFirst()
    return "{\"event\":\(Document.string(event).jsonText)\(members.isEmpty ? "" : ",")\(rest)\n"
  }
}

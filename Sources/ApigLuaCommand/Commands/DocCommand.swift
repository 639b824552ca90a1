internal import ArgumentParser
internal import GatewayAPI
internal import GatewayScripting

enum ProductChoice: String, ChoiceArgument {
  case apigw, apic
}

enum SchemaChoice: String, ChoiceArgument {
  case result
}

/// `apig-lua doc`: the manual, offline.
struct DocCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doc", abstract: "Shows what a function takes and returns, or what a record or an error is.",
    discussion: """
      apig-lua doc                     lists everything
      apig-lua doc publish             a function: also apig.publish, gw:publish, t.run
      apig-lua doc version             a record, and what else has the name
      apig-lua doc not_found           a kind of error; APIG.3002 is a code of the gateway
      apig-lua doc --man > apig-lua.1  the manual page of the command
      """)

  @Argument(
    help: ArgumentHelp("What is looked for: publish, apig.http, version, not_found, APIG.3002.", valueName: "name"),
    completion: .custom { _, _, _ in Manual.sections.flatMap(\.lines).map(\.name) })
  var symbol: String?

  @Flag(help: "Writes the command's manual page instead, for man.")
  var man = false

  @Flag(help: "Writes the reference of everything in Markdown instead.")
  var reference = false

  @Flag(help: "Writes the management API as an OpenAPI document instead.")
  var openapi = false

  @Option(help: "The product that the OpenAPI document is for: apigw or apic.")
  var product = ProductChoice.apigw

  @Option(help: "Writes the JSON Schema of a document instead: result, what --output json writes of a run.")
  var schema: SchemaChoice?

  func validate() throws {
    let count = [symbol != nil, man, reference, openapi, schema != nil].count(where: \.self)
    guard count <= 1 else {
      throw ValidationError("a name, --man, --reference, --openapi and --schema exclude each other")
    }
  }

  func run() throws {
    try reportingErrors { process, _ in
      let terminal = TerminalSize(of: StandardStream.output.descriptor, columns: process.variables["COLUMNS"])
      StandardStream.output.write(try text(width: min(terminal.columns, 100)))
    }
  }

  private func text(width: Int) throws -> String {
    if openapi { return ManagementDocument(of: product == .apic ? .apic : .apigw).document.jsonText + "\n" }
    if schema == .result { return String(decoding: PackageResources.result_schema_json, as: UTF8.self) }
    if man { return try ManualPage(of: ApigLua.self).text }
    if reference { return Manual.reference }
    guard let symbol else { return contents }
    guard let text = Manual.text(on: symbol, width: width) else {
      throw UsageError(
        message: "the manual has nothing on '\(symbol)'",
        hint: Manual.suggestion(for: symbol).map { "did you mean '\($0)'?" } ?? "apig-lua doc lists what there is")
    }
    return text
  }

  private var contents: String {
    Manual.sections.map { section in
      section.title + "\n"
        + TextTable(columns: [], rows: section.lines.map { [$0.name, $0.summary] }).bodyText
    }.joined(separator: "\n")
  }
}

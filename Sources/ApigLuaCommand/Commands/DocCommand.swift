internal import ArgumentParser
internal import GatewayAPI
internal import GatewayScripting

enum ProductChoice: String, ExpressibleByArgument, CaseIterable {
  case apigw, apic
}

enum SchemaChoice: String, ExpressibleByArgument, CaseIterable {
  case result
}

/// `apig-lua doc`: the manual of the operations, offline.
struct DocCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doc", abstract: "Shows what an operation does and takes; without a name, lists them.")

  @Argument(help: "Name of an operation: publish, or apig.publish.")
  var symbol: String?

  @Flag(help: "Writes the management API as an OpenAPI document instead.")
  var openapi = false

  @Option(help: "The product that the document is for: apigw or apic.")
  var product = ProductChoice.apigw

  @Option(help: "Writes the JSON Schema of a document instead: result, what --output json writes of a run.")
  var schema: SchemaChoice?

  func run() throws {
    if schema == .result {
      StandardStream.output.write(PackageResources.result_schema_json)
      return
    }
    if openapi {
      StandardStream.output.write(ManagementDocument(of: product == .apic ? .apic : .apigw).document.jsonText + "\n")
      return
    }
    guard let symbol else {
      let rows = OperationManual.names.compactMap(OperationManual.init(named:)).map { [$0.line.name, $0.line.summary] }
      StandardStream.output.write(TextTable(columns: ["operation", "what it does"], rows: rows, indent: "").text)
      return
    }
    guard let manual = OperationManual(named: symbol) else {
      let style = Style(.auto, variables: ProcessFacts.current.variables, stream: .error)
      let error = UsageError(
        message: "there is no operation '\(symbol)'",
        hint: Suggestion.closest(to: symbol, in: OperationManual.names).map { "did you mean '\($0)'?" }
          ?? "apig-lua doc lists them")
      StandardStream.error.write(ErrorReport(error: error, style: style).text)
      throw ExitStatus.usage
    }
    StandardStream.output.write(manual.text)
  }
}

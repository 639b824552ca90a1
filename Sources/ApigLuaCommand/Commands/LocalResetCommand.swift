internal import ArgumentParser
internal import LocalGateway

/// `apig-lua local reset`: back to the demo project.
struct LocalResetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "Puts the local gateway back to its demo project; what it held is gone.")

  @Option(help: ArgumentHelp("Data file, if not the user's own.", valueName: "file"))
  var data: String?

  func run() async throws {
    let process = ProcessFacts.current
    let style = Style(.auto, variables: process.variables, stream: .error)
    do {
      let path = try data ?? RunningLocalGateway.dataFile(process.variables)
      try await LocalGateway.reset(dataFile: path)
      StandardStream.error.write("\(style.good) \(path) holds the demo project again\n")
    } catch {
      throw LocalFailure.status(error, style)
    }
  }
}

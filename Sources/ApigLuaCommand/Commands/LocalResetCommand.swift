internal import ArgumentParser
internal import LocalGateway

/// `apig-lua local reset`: back to the demo project.
struct LocalResetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "Puts the local gateway back to its demo project; what it held is gone.")

  @OptionGroup var local: LocalDataOptions

  func run() async throws {
    try await onLocalGateway { variables, style in
      let path = try local.path(variables)
      try await LocalGateway.reset(dataFile: path)
      StandardStream.error.write("\(style.good) \(path) holds the demo project again\n")
    }
  }
}

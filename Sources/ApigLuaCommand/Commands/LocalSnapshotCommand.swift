internal import ArgumentParser
internal import Foundation
internal import LocalGateway

/// `apig-lua local snapshot`: everything that the local gateway holds, as a seed.
struct LocalSnapshotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Writes everything that the local gateway holds as a YAML file.",
    discussion: "`local seed --replace FILE` puts it back.")

  @Option(help: ArgumentHelp("File to write; standard output if none is given.", valueName: "file"))
  var out: String?

  @OptionGroup var local: LocalDataOptions

  func run() async throws {
    try await onLocalGateway { variables, style in
      let path = try local.path(variables)
      let seed = try await LocalGateway.snapshot(dataFile: path)
      let text = try seed.yaml()
      guard let out else { return StandardStream.output.write(text) }
      do {
        try text.write(toFile: out, atomically: true, encoding: .utf8)
      } catch {
        throw UsageError(message: "\(out) cannot be written: \((error as NSError).localizedDescription)")
      }
      StandardStream.error.write("\(style.good) \(out): \(seed.groupCount) groups, \(seed.apiCount) APIs\n")
    }
  }
}

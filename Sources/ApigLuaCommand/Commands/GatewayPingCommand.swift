internal import ArgumentParser
internal import GatewayAPI
internal import GatewayClient

/// `apig-lua gateway ping`: whether it answers, how fast, as whom one comes, and how much it allows.
struct GatewayPingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ping", abstract: "Asks the gateway a few times: how long it takes, as whom, and what the limit is.",
    discussion: "The first answer holds the opening of the connection, too. apig-lua doctor looks for what is wrong.")

  @OptionGroup var flags: EngineFlags

  @Option(help: ArgumentHelp("How many times; 4 unless given.", valueName: "n"))
  var count = 4

  func validate() throws {
    if count < 1 { throw ValidationError("--count must be 1 or more") }
  }

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let ping = try await GatewayPing(settings, count: count)
      try await ping.result.write(settings) { ping.text }
      return .ok
    }
  }
}

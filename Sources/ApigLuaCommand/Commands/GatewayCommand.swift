internal import ArgumentParser

struct GatewayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gateway", abstract: "Looks at gateways.",
    subcommands: [GatewayListCommand.self, GatewayPingCommand.self])
}

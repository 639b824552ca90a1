internal import ArgumentParser

struct APICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "api", abstract: "Works on single APIs.", subcommands: [APISwitchCommand.self])
}

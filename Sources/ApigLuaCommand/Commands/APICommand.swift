internal import ArgumentParser

struct APICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "api", abstract: "Looks at APIs and releases them, without a script.",
    subcommands: [
      APIListCommand.self, APIShowCommand.self, APIHistoryCommand.self, APIDiffCommand.self, APIExportCommand.self,
      APIPublishCommand.self, APIOfflineCommand.self, APISwitchCommand.self,
    ])
}

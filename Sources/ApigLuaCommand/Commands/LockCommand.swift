internal import ArgumentParser

/// `apig-lua lock`: who may change what.
struct LockCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lock", abstract: "Lists the environments that runs hold, or takes one away from its holder.",
    subcommands: [LockListCommand.self, LockReleaseCommand.self])
}

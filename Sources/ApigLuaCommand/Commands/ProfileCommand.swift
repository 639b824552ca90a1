internal import ArgumentParser

/// `apig-lua profile`: which credentials there are, and which one is used.
struct ProfileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Lists the credentials that there are, or shows which one is used, and why.",
    subcommands: [ProfileListCommand.self, ProfileShowCommand.self])
}

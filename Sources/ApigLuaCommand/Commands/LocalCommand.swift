internal import ArgumentParser

/// `apig-lua local`: the gateway for one machine.
struct LocalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "local",
    abstract:
      "Starts the local gateway for other clients, fills it, makes it fail, or puts it back to its first state.",
    subcommands: [
      LocalStartCommand.self,
      LocalFaultCommand.self,
      LocalSeedCommand.self,
      LocalSnapshotCommand.self,
      LocalResetCommand.self,
    ])
}

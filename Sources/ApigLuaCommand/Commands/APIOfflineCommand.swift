internal import ArgumentParser

/// `apig-lua api offline`: APIs that an environment runs no longer.
struct APIOfflineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offline", abstract: "Takes APIs off an environment: they can no longer be called there.",
    usage: """
      apig-lua api offline API... --env ENV
      apig-lua api offline --group GROUP [--name GLOB] --env ENV
      """,
    discussion: """
      A run like a script's: locked, journalled, asked for where the environment is protected. apig-lua rollback
      publishes again and switches to the version that ran.
      """)

  @OptionGroup var flags: EngineFlags
  @OptionGroup var release: ReleaseOptions
  @OptionGroup var rehearsal: RehearsalOptions

  func run() async throws {
    try await reporting(flags.options, isRun: true) { settings, style in
      try await EmbeddedPlaybook.release(.offline, release, flags.options, settings).run(
        flags.options, settings, style, rehearsal)
    }
  }
}

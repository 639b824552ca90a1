internal import ArgumentParser

/// `apig-lua api publish`: drafts into effect.
struct APIPublishCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Publishes the drafts of APIs to an environment.",
    usage: """
      apig-lua api publish API... --env ENV
      apig-lua api publish --group GROUP [--name GLOB] [--changed-in ENV] --env ENV
      """,
    discussion: """
      A run like a script's: locked, journalled, asked for where the environment is protected, and undone by
      apig-lua rollback. apig-lua api diff shows before what it would change.
      """)

  @OptionGroup var flags: EngineFlags
  @OptionGroup var release: ReleaseOptions
  @OptionGroup var rehearsal: RehearsalOptions

  @Flag(help: "Leaves out APIs whose drafts are what runs there already.")
  var ifChanged = false

  @Option(
    help: ArgumentHelp("Publishes only what that environment runs: what was tried there.", valueName: "env"),
    completion: LiveCompletion.environments)
  var onlyIfSameAs: String?

  func run() async throws {
    try await reporting(flags.options, isRun: true) { settings, style in
      var playbook = try EmbeddedPlaybook.release(.publish, release, flags.options, settings)
      if ifChanged { playbook.add("--if-changed") }
      if let onlyIfSameAs { playbook.add("--only-if-same-as", onlyIfSameAs) }
      return try await playbook.run(flags.options, settings, style, rehearsal)
    }
  }
}

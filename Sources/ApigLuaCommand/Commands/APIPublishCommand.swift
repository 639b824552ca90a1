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

  @OptionGroup var options: EngineOptions
  @OptionGroup var release: ReleaseOptions
  @OptionGroup var rehearsal: RehearsalOptions

  @Flag(help: "Leaves out APIs whose drafts are what runs there already.")
  var ifChanged = false

  @Option(
    help: ArgumentHelp("Publishes only what that environment runs: what was tried there.", valueName: "env"),
    completion: LiveCompletion.environments)
  var onlyIfSameAs: String?

  func run() async throws {
    try await reporting(options, isRun: true) { settings, style in
      var playbook = try EmbeddedPlaybook.release(.publish, release, options, settings)
      if ifChanged { playbook.add("--if-changed") }
      if let onlyIfSameAs { playbook.add("--only-if-same-as", onlyIfSameAs) }
      return try await playbook.run(options, settings, style, rehearsal)
    }
  }
}

internal import ArgumentParser

/// Whether a command that changes a gateway only shows what it would do.
struct RehearsalOptions: ParsableArguments {
  @Flag(name: [.customShort("n"), .customLong("dry-run")], help: "Only shows what would happen.")
  var dryRun = false

  @Option(help: ArgumentHelp("With -n: saves that as a plan, for apig-lua apply.", valueName: "file"))
  var out: String?

  func validate() throws {
    if out != nil, !dryRun { throw ValidationError("--out goes with -n: it saves a plan") }
  }
}

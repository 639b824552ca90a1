internal import ArgumentParser
internal import PlaybookPackages

/// `apig-lua pkg remove NAME…`: takes packages out of the project.
struct PackageRemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Takes packages out of the project, with all that only they needed.")

  @OptionGroup var flags: EngineFlags
  @OptionGroup var home: PackageHomeOptions

  @Argument(help: ArgumentHelp("Packages to remove.", valueName: "owner/name"), completion: LiveCompletion.packages)
  var packages: [String]

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let place = try PackageWorkplace(settings, isGlobal: home.global)
      try settings.refuseLocked()
      let held = try place.manager.store.holdExclusively()
      defer { held.release() }
      let lock = try place.home.readLock()
      let changes = try place.manager.changes(removing: try place.names(packages), from: lock)
      try place.manager.apply(changes, to: lock)
      try await CommandResult(changes).write(settings) { changes.summary }
      return .ok
    }
  }
}

internal import ArgumentParser
internal import PlaybookPackages

/// `apig-lua pkg update [NAME…]`: takes newer versions.
struct PackageUpdateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "Takes the highest versions that fit, after showing what they change.",
    discussion: """
      The difference of code and of permissions is shown, and asked about. Without a terminal, new code needs --yes \
      and new permissions --accept-permissions; what was withheld before stays withheld.
      """)

  @OptionGroup var flags: EngineFlags
  @OptionGroup var home: PackageHomeOptions
  @OptionGroup var changing: PackageChangeOptions

  @Flag(help: "Shows the whole difference, and changes nothing.")
  var review = false

  @Argument(
    help: ArgumentHelp("Packages to update; all if none is given.", valueName: "owner/name"),
    completion: LiveCompletion.packages)
  var packages: [String] = []

  func run() async throws {
    try await reporting(flags.options) { settings, style in
      let place = try PackageWorkplace(settings, isGlobal: home.global, isOffline: changing.offline)
      let names = packages.isEmpty ? nil : try place.names(packages)
      try await place.changing(settings, style, changing, isReview: review) { lock in
        try await place.manager.changes(updating: names, in: lock)
      }
      return .ok
    }
  }
}

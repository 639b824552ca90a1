internal import ArgumentParser
internal import PlaybookPackages

/// `apig-lua pkg add SOURCE`: takes a package into the project.
struct PackageAddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Takes a package into the project, pinned in apig.lock.",
    discussion: """
      A source is one of:
        ./rotate                              a folder
        rotate-2.1.0.tar.gz, https://…        an archive
        git+https://HOST/PATH, git+ssh://USER@HOST/PATH, git@HOST:PATH, git+file:///PATH
                                              a git repository: the highest version of its tags
      behind a repository: @^2.0 (a range of its versions), @v2.1.0, @main, or @ and all digits of a commit.
      """)

  @OptionGroup var flags: EngineFlags
  @OptionGroup var home: PackageHomeOptions
  @OptionGroup var changing: PackageChangeOptions

  @Flag(help: "Shows what would be added, and changes nothing.")
  var review = false

  @Argument(help: "Where the package comes from.")
  var source: String

  func run() async throws {
    try await reporting(flags.options) { settings, style in
      let place = try PackageWorkplace(settings, isGlobal: home.global, isOffline: changing.offline)
      try await place.changing(settings, style, changing, isReview: review) { lock in
        try await place.manager.changes(adding: try place.source(source), to: lock)
      }
      return .ok
    }
  }
}

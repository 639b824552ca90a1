internal import ArgumentParser
internal import GatewayAPI
internal import PlaybookPackages

/// `apig-lua pkg install`: makes what is installed what is locked.
struct PackageInstallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Installs every package exactly as apig.lock has it.",
    discussion: """
      What is installed already stays; what is in .apig/vendor or in the cache needs no network. With --locked, as in \
      CI, a lock that is missing or not whole, and packages that are in no lock, are errors; without it they are \
      completed and warned of.
      """)

  @OptionGroup var flags: EngineFlags
  @OptionGroup var home: PackageHomeOptions
  @OptionGroup var changing: PackageChangeOptions

  func run() async throws {
    try await reporting(flags.options) { settings, style in
      let place = try PackageWorkplace(settings, isGlobal: home.global, isOffline: changing.offline)
      let held = try place.manager.store.holdExclusively()
      defer { held.release() }
      let lock = try await wholeLock(place, settings, style)
      let strays = place.manager.strays(of: lock)
      if flags.options.locked { try place.manager.requireNoStrays(of: lock) }
      var rows: [[String]] = []
      for package in lock.packages {
        let found = try await place.manager.install(package)
        rows.append([found.word, package.name.description, package.version.description])
      }
      let documents: [Document] = rows.map { row in
        ["state": .string(row[0]), "package": .string(row[1]), "version": .string(row[2])]
      }
      let result = CommandResult(
        event: "package", document: .array(documents),
        table: DataTable(columns: ["state", "package", "version"], rows: rows))
      try await result.write(settings) { TextTable(columns: [], rows: rows, indent: "").bodyText }
      if settings.output == .table, rows.isEmpty { StandardStream.error.write("there is nothing to install\n") }
      for package in lock.packages {
        guard let problem = try await place.manager.vendorProblem(of: package) else { continue }
        StandardStream.error.write(
          "warning: \(problem.place ?? "the archive") does not count: \(problem.message)\n"
            + "  apig-lua pkg pack --vendor makes it anew\n")
      }
      for stray in strays { StandardStream.error.write("warning: \(stray) is installed and in no lock\n") }
      return .ok
    }
  }

  /// The lock, with what it lacks unless it is to be taken as it is.
  private func wholeLock(
    _ place: PackageWorkplace, _ settings: Settings, _ style: Style
  ) async throws -> PackageLock {
    let lock = try place.home.readLock()
    if flags.options.locked {
      try place.home.requireLock()
      try lock.requireComplete()
      return lock
    }
    if (try? lock.requireComplete()) != nil { return lock }
    let review = PackageReview(settings: settings, style: style, options: changing)
    let changes = try await review.accepted(try await place.manager.changes(completing: lock))
    try place.manager.apply(changes, to: lock)
    return try place.home.readLock()
  }
}

extension PackageManager.Found {
  fileprivate var word: String {
    switch self {
    case .installed: "kept"
    case .archived: "unpacked"
    case .fetched: "fetched"
    }
  }
}

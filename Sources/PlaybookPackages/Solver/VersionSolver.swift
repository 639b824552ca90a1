/// One state of a package that could be taken.
struct PackageCandidate: Sendable {
  let release: PackageRelease
  let package: Package
}

/// What the solver chooses from.
protocol PackageCatalog {
  /// What is taken before all else if it fits: what is locked.
  func preferredRelease(for demand: PackageDemand) -> PackageRelease?
  /// What a demand could be met with, the highest version first.
  func releases(for demand: PackageDemand) async throws -> [PackageRelease]
  /// Reads one of them.
  func package(of release: PackageRelease, for demand: PackageDemand) async throws -> Package
  /// - Throws: ``PackageError`` of kind `conflict` for a package that does not run here.
  func requireRunnable(_ package: Package) throws(PackageError)
}

/// Finds one version of each package that all who need it can live with.
///
/// It tries the best candidate of the package that was asked for first, then what that needs, and so on; where nothing
/// fits it goes back to the choice before. What is told of a failure is the first conflict that the best candidates led
/// to: with it a person can do something.
struct VersionSolver {
  /// The most candidates that are tried: beyond that the demands are a puzzle, and not what somebody meant.
  private static let maximumTries = 2000

  private typealias Choice = [PackageName: PackageCandidate]

  private let catalog: any PackageCatalog
  private var tries = 0
  private var conflict: PackageError?

  init(catalog: any PackageCatalog) { self.catalog = catalog }

  /// - Throws: ``PackageError``: of kind `conflict` when nothing fits; what the catalog throws. `CancellationError`.
  mutating func solve(_ demands: [PackageDemand]) async throws -> [PackageName: PackageCandidate] {
    guard let choice = try await choose(for: demands, demands, [:]) else {
      throw conflict ?? PackageError(.conflict, "no versions fit together")
    }
    try Self.requireNoCycle(choice)
    return choice
  }

  /// - Parameters:
  ///   - open: the demands that nothing was chosen for yet.
  ///   - all: every demand that the choices so far led to.
  /// - Returns: nil when nothing fits.
  private mutating func choose(
    for open: [PackageDemand], _ all: [PackageDemand], _ choice: Choice
  ) async throws -> Choice? {
    try Task.checkCancellation()
    guard let demand = open.first else { return choice }
    let rest = Array(open.dropFirst())
    let demands = all.filter { $0.name == demand.name }
    if let other = demands.first(where: { $0.source.location != demand.source.location }) {
      note(
        PackageError(
          .conflict,
          "\(demand.name) is wanted from two places: \(other.by) takes it from \(other.source.address), "
            + "\(demand.by) from \(demand.source.address)"))
      return nil
    }
    if let chosen = choice[demand.name] {
      if fits(chosen.package.version, chosen.release, demand) { return try await choose(for: rest, all, choice) }
      note(demands, known: [chosen.package.version])
      return nil
    }
    var known: [SemanticVersion] = []
    if let preferred = catalog.preferredRelease(for: demand) {
      if let found = try await choose(preferred, for: demand, demands, rest, all, choice, &known) { return found }
    }
    for release in try await catalog.releases(for: demand) {
      if let found = try await choose(release, for: demand, demands, rest, all, choice, &known) { return found }
    }
    note(demands, known: known)
    return nil
  }

  /// Tries one release, and all that comes of it.
  ///
  /// - Parameter known: gets the release's version, for messages.
  private mutating func choose(
    _ release: PackageRelease, for demand: PackageDemand, _ demands: [PackageDemand], _ rest: [PackageDemand],
    _ all: [PackageDemand], _ choice: Choice, _ known: inout [SemanticVersion]
  ) async throws -> Choice? {
    if let version = release.version {
      known.append(version)
      guard demands.allSatisfy({ fits(version, release, $0) }) else { return nil }
    }
    tries += 1
    guard tries <= Self.maximumTries else {
      throw PackageError(
        .conflict, "no versions were found to fit together after \(Self.maximumTries) tries",
        hint: "narrow the ranges of versions")
    }
    let package = try await catalog.package(of: release, for: demand)
    guard package.name == demand.name else {
      throw PackageError(
        .refused, place: release.origin.address,
        "it is \(package.name), and \(demand.by) wants \(demand.name) from there")
    }
    if release.version == nil { known.append(package.version) }
    guard demands.allSatisfy({ fits(package.version, release, $0) }) else { return nil }
    do throws(PackageError) {
      try catalog.requireRunnable(package)
    } catch {
      note(error)
      return nil
    }
    let added = try self.demands(of: package, from: release.origin)
    var choice = choice
    choice[demand.name] = PackageCandidate(release: release, package: package)
    return try await choose(for: rest + added, all + added, choice)
  }

  private func fits(_ version: SemanticVersion, _ release: PackageRelease, _ demand: PackageDemand) -> Bool {
    guard demand.range.contains(version) else { return false }
    switch demand.source.revision {
    case .commit(let commit)?: return release.origin.commit == commit
    case .name(let name)?: return GitReferences.names(of: name).contains(release.origin.reference ?? "")
    case .range, nil: return true
    }
  }

  private func demands(of package: Package, from origin: PackageOrigin) throws(PackageError) -> [PackageDemand] {
    let by = "\(package.name) \(package.version)"
    var demands: [PackageDemand] = []
    for dependency in package.manifest.dependencies {
      guard !dependency.source.isLocal || PackageSource(origin.location).isLocal else {
        throw PackageError(
          .refused, place: origin.address,
          "\(by) takes \(dependency.name) from \(dependency.source), a place of this machine",
          hint: "a package from elsewhere names sources that everybody reaches")
      }
      demands.append(
        PackageDemand(
          name: dependency.name, source: dependency.source.below(origin.location), range: dependency.range, by: by))
    }
    return demands
  }

  // MARK: - Telling why

  private mutating func note(_ demands: [PackageDemand], known: [SemanticVersion]) {
    guard let name = demands.first?.name else { return }
    var texts: [String] = []
    for demand in demands where !texts.contains(demand.text) { texts.append(demand.text) }
    let versions = Set(known).sorted(by: >).prefix(8).map(\.description).joined(separator: ", ")
    note(
      PackageError(
        .conflict, "no version of \(name) fits: \(texts.joined(separator: "; "))",
        hint: versions.isEmpty ? nil : "there is \(versions)"))
  }

  /// The first one counts: later ones come of choices that nobody would have made.
  private mutating func note(_ error: PackageError) {
    if conflict == nil { conflict = error }
  }

  private static func requireNoCycle(_ choice: Choice) throws(PackageError) {
    var done: Set<PackageName> = []
    for name in choice.keys.sorted() {
      if let cycle = Self.cycle(from: name, [], choice, &done) {
        throw PackageError(
          .conflict, "packages need each other: " + cycle.map(\.description).joined(separator: " needs "))
      }
    }
  }

  private static func cycle(
    from name: PackageName, _ path: [PackageName], _ choice: Choice, _ done: inout Set<PackageName>
  ) -> [PackageName]? {
    if let start = path.firstIndex(of: name) { return path[start...] + [name] }
    guard done.insert(name).inserted else { return nil }
    for dependency in choice[name]?.package.manifest.dependencies ?? [] {
      if let cycle = cycle(from: dependency.name, path + [name], choice, &done) { return cycle }
    }
    return nil
  }
}

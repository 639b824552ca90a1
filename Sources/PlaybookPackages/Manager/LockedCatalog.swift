/// What the solver chooses from: what is locked first, then what the sources have. Each is read once.
final class LockedCatalog: PackageCatalog {
  private let lock: PackageLock
  /// The packages for which what is locked does not count.
  private let updating: Set<PackageName>
  private let manager: PackageManager
  private var releases: [PackageSource: [PackageRelease]] = [:]
  private var packages: [PackageRelease: Package] = [:]

  init(lock: PackageLock, updating: Set<PackageName>, manager: PackageManager) {
    self.lock = lock
    self.updating = updating
    self.manager = manager
  }

  func preferredRelease(for demand: PackageDemand) -> PackageRelease? {
    guard !updating.contains(demand.name), let locked = lock[demand.name],
      locked.origin.location == demand.source.location
    else { return nil }
    return PackageRelease(origin: locked.origin, version: locked.version)
  }

  func releases(for demand: PackageDemand) async throws -> [PackageRelease] {
    if let known = releases[demand.source] { return known }
    let found = try await manager.releases(of: demand.source, locked: lock[demand.name]?.origin)
    releases[demand.source] = found
    return found
  }

  func package(of release: PackageRelease, for demand: PackageDemand) async throws -> Package {
    if let known = packages[release] { return known }
    let package: Package
    if let locked = lock[demand.name], release == preferredRelease(for: demand) {
      package = try await manager.package(locked)
    } else {
      package = try await manager.package(of: release)
    }
    packages[release] = package
    return package
  }

  func requireRunnable(_ package: Package) throws(PackageError) { try manager.requireRunnable(package) }
}

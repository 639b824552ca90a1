internal import GatewayAPI

/// Adds, installs, updates, removes and verifies the packages of one home.
///
/// Nothing changes before ``apply(_:to:)`` and ``install(_:)``: all else only looks.
public struct PackageManager: Sendable {
  /// Where the content of a locked package was found.
  public enum Found: Sendable {
    case installed, archived, fetched
  }

  /// How packages are taken.
  public struct Rules: Sendable {
    /// Whether only signed ones are.
    public var requiresSigned = false
    /// Whether nothing but this machine is turned to.
    public var isOffline = false
    public let lua: SemanticVersion
    public let command: SemanticVersion

    /// - Parameters:
    ///   - lua: the version of Lua at hand.
    ///   - command: that of apig-lua.
    public init(lua: SemanticVersion, command: SemanticVersion) {
      self.lua = lua
      self.command = command
    }
  }

  public let store: PackageStore
  private let sources: SourceReader
  private let verifier: SignatureVerifier
  private let rules: Rules

  public init(store: PackageStore, sources: SourceReader, verifier: SignatureVerifier, rules: Rules) {
    self.store = store
    self.sources = sources
    self.verifier = verifier
    self.rules = rules
  }

  // MARK: - Looking ahead

  /// What adding a package would change.
  ///
  /// - Throws: ``PackageError``; `CancellationError`.
  public func changes(adding source: PackageSource, to lock: PackageLock) async throws -> [PackageChange] {
    let range = source.range ?? .any
    let releases = try await releases(of: source, locked: nil)
    guard let release = releases.first(where: { $0.version.map(range.contains) ?? true }) else {
      throw PackageError(
        .conflict, place: source.address, "no version is \(range)",
        hint: "there is " + releases.prefix(8).compactMap { $0.version?.description }.joined(separator: ", "))
    }
    let name = try await package(of: release).name
    return try await changes(
      from: lock, requests: lock.requests.filter { $0.name != name } + [(name, source)], updating: [name],
      renewing: [name])
  }

  /// What updating packages would change: to the highest versions that fit what was asked for.
  ///
  /// - Parameter names: nil for all; others stay as they are where that fits.
  /// - Throws: ``PackageError``; `CancellationError`.
  public func changes(updating names: [PackageName]?, in lock: PackageLock) async throws -> [PackageChange] {
    for name in names ?? [] where lock[name] == nil { throw Self.unknown(name, in: lock) }
    return try await changes(
      from: lock, requests: lock.requests, updating: Set(names ?? lock.packages.map(\.name)), renewing: [])
  }

  /// What has to change so that the lock is whole.
  ///
  /// - Throws: ``PackageError``; `CancellationError`.
  public func changes(completing lock: PackageLock) async throws -> [PackageChange] {
    try await changes(from: lock, requests: lock.requests, updating: [], renewing: [])
  }

  /// What removing packages would change, with all that is only there for them.
  ///
  /// - Throws: ``PackageError`` of kind `usage` for one that is not there, or that another needs.
  public func changes(removing names: [PackageName], from lock: PackageLock) throws(PackageError) -> [PackageChange] {
    var rest = lock
    for name in names {
      guard lock[name] != nil else { throw Self.unknown(name, in: lock) }
      rest[name] = nil
    }
    for name in names {
      guard let dependent = rest.dependents(of: name).first else { continue }
      throw PackageError(
        .usage, "\(dependent.name) needs \(name)",
        hint: lock[name]?.request == nil
          ? "remove \(dependent.name), and \(name) goes with it" : "remove \(dependent.name) first")
    }
    _ = rest.removeUnneeded()
    return lock.packages.filter { rest[$0.name] == nil }.map(PackageChange.init(removing:))
  }

  /// - Parameter renewing: the packages whose permissions are granted anew, all that they declare.
  private func changes(
    from lock: PackageLock, requests: [(name: PackageName, source: PackageSource)], updating: Set<PackageName>,
    renewing: Set<PackageName>
  ) async throws -> [PackageChange] {
    let demands = requests.map { request in
      PackageDemand(
        name: request.name, source: request.source, range: request.source.range ?? .any, by: "the project")
    }
    var solver = VersionSolver(catalog: LockedCatalog(lock: lock, updating: updating, manager: self))
    let chosen = try await solver.solve(demands)
    var changes: [PackageChange] = []
    for (name, candidate) in chosen.sorted(by: { $0.key < $1.key }) {
      let request = requests.first { $0.name == name }?.source
      changes.append(
        try await change(to: candidate, from: lock[name], request: request, isRenewed: renewing.contains(name)))
    }
    for entry in lock.packages where chosen[entry.name] == nil {
      changes.append(PackageChange(removing: entry))
    }
    return changes
  }

  private func change(
    to candidate: PackageCandidate, from before: LockedPackage?, request: PackageSource?, isRenewed: Bool
  ) async throws -> PackageChange {
    let package = candidate.package
    let signature = try await verifier.status(of: package)
    try requireSigned(signature, package.name, package.version)
    var earlier: Package?
    if let before { earlier = before.digest == package.tree.digest ? package : try? await self.package(before) }
    // What was not granted before is not granted now, unless it is asked for the first time. What was granted stays as
    // narrow as it was.
    let declared = package.manifest.permissions.sorted { $0.description < $1.description }
    let withheld = isRenewed ? [] : declared.filter { before?.withheld.contains($0) ?? false }
    var granted = declared.filter { !withheld.contains($0) }
    if !isRenewed, let before {
      granted += before.permissions.filter { one in !granted.contains(one) && declared.contains { $0.includes(one) } }
    }
    // A list may call the same key another name.
    let signer = signature.signer.map { signer in before?.signer?.key == signer.key ? before?.signer ?? signer : signer
    }
    let after = LockedPackage(
      name: package.name, version: package.version, request: request, origin: candidate.release.origin,
      digest: package.tree.digest, signer: signer,
      permissions: granted.sorted { $0.description < $1.description }, withheld: withheld,
      dependencies: Dictionary(uniqueKeysWithValues: package.manifest.dependencies.map { ($0.name, $0.range) }))
    return PackageChange(
      name: package.name, before: before, earlierPackage: earlier, after: after, package: package, signature: signature,
      difference: TreeDifference(from: earlier?.tree, to: package.tree), isRenewed: isRenewed)
  }

  // MARK: - Doing

  /// Installs what changes and writes the lock.
  ///
  /// - Throws: ``PackageError``; what writing throws. The lock is written last: until then it says what was.
  public func apply(_ changes: [PackageChange], to lock: PackageLock) throws {
    var lock = lock
    for change in changes {
      if let package = change.package, change.isChange || !store.isPresent(change.name) {
        try store.install(package)
        store.keep(package)
      }
      lock[change.name] = change.after
    }
    try store.write(lock)
    for change in changes where change.after == nil { try store.remove(change.name) }
  }

  /// Installs one package as it is locked.
  ///
  /// - Returns: where it was found.
  /// - Throws: ``PackageError``; `CancellationError`; what writing throws.
  @discardableResult
  public func install(_ locked: LockedPackage) async throws -> Found {
    if (try? await verify(locked)) != nil { return .installed }
    let (package, found) = try await nearest(locked) { package in
      try await self.isUsable(package, locked)
    }
    try await requireTrusted(package, locked)
    try store.install(package)
    if found == .fetched { store.keep(package) }
    return found
  }

  /// Why the vendor folder's archive of a package cannot stand for it; nil when it can, or is not there.
  ///
  /// - Throws: `CancellationError`; what reading throws.
  public func vendorProblem(of locked: LockedPackage) async throws -> PackageError? {
    do {
      _ = try await store.vendored(locked)
      return nil
    } catch let error as PackageError {
      return error
    }
  }

  /// The content of a locked package out of the vendor folder, the cache or its source. An archive that is another is
  /// passed over as long as there is somewhere else to look.
  private func nearest(
    _ locked: LockedPackage, where isUsable: (Package) async throws -> Bool
  ) async throws -> (package: Package, found: Found) {
    var problem: PackageError?
    do {
      if let vendored = try await store.vendored(locked), try await isUsable(vendored) { return (vendored, .archived) }
    } catch let error as PackageError {
      problem = error
    }
    if let cached = await store.cached(locked), try await isUsable(cached) { return (cached, .archived) }
    do {
      return (try await fetched(locked), .fetched)
    } catch let error as PackageError {
      throw problem ?? error
    }
  }

  /// Whether an archive's signature is the one that is locked. Where nothing else can be had, it must be.
  private func isUsable(_ package: Package, _ locked: LockedPackage) async throws -> Bool {
    do {
      try await requireTrusted(package, locked)
      return true
    } catch is PackageError where !rules.isOffline {
      // Another project may have kept the same files with another signature, or with none.
      return false
    }
  }

  /// Makes sure that an installed package is what is locked, and signed by whom it was.
  ///
  /// - Throws: ``PackageError``; `CancellationError`.
  public func verify(_ locked: LockedPackage) async throws -> SignatureStatus {
    try await verified(locked).signature
  }

  /// An installed package that is what is locked, and who signed it.
  ///
  /// - Throws: ``PackageError``; `CancellationError`.
  public func verified(_ locked: LockedPackage) async throws -> (package: Package, signature: SignatureStatus) {
    let package = try await store.package(locked)
    return (package, try await requireTrusted(package, locked))
  }

  /// Names that are installed and not locked. Sorted.
  public func strays(of lock: PackageLock) -> [PackageName] { store.installedNames().filter { lock[$0] == nil } }

  /// - Throws: ``PackageError`` of kind `refused` when something is installed that is not locked.
  public func requireNoStrays(of lock: PackageLock) throws(PackageError) {
    guard let stray = strays(of: lock).first else { return }
    throw PackageError(
      .refused, "\(stray) is installed, and apig.lock does not have it",
      hint: "remove \(store.folder(of: stray)), or add the package and commit apig.lock")
  }

  /// Who signed a package that is in no lock.
  ///
  /// - Throws: ``PackageError``; `CancellationError`.
  public func signature(of package: Package) async throws -> SignatureStatus {
    let status = try await verifier.status(of: package)
    try requireSigned(status, package.name, package.version)
    return status
  }

  // MARK: - Parts

  @discardableResult
  private func requireTrusted(_ package: Package, _ locked: LockedPackage) async throws -> SignatureStatus {
    let status = try await verifier.status(of: package)
    try requireSigned(status, locked.name, locked.version)
    try locked.require(status)
    return status
  }

  private func requireSigned(
    _ status: SignatureStatus, _ name: PackageName, _ version: SemanticVersion
  ) throws(PackageError) {
    guard rules.requiresSigned, !status.countsOutsideProject else { return }
    throw PackageError(
      .refused, "\(name) \(version) is \(status.description), and the policy is require_signed",
      hint: status.signer == nil
        ? "its author signs it with apig-lua pkg sign; allowed_signers says whose signatures count"
        : "what the project allows does not count then: /etc/apig-lua/allowed_signers, or the user's, must have the key"
    )
  }

  func requireRunnable(_ package: Package) throws(PackageError) {
    try package.manifest.requireRunnable(lua: rules.lua, command: rules.command)
  }

  func releases(of source: PackageSource, locked: PackageOrigin?) async throws -> [PackageRelease] {
    try requireReachable(source.location, source.address)
    return try await sources.releases(of: source, locked: locked)
  }

  func package(of release: PackageRelease) async throws -> Package {
    try requireReachable(release.origin.location, release.origin.address)
    return try await sources.package(of: release)
  }

  /// The content of a locked package, wherever it is nearest.
  ///
  /// - Throws: ``PackageError``; `CancellationError`.
  public func package(_ locked: LockedPackage) async throws -> Package {
    if let installed = try? await store.package(locked) { return installed }
    return try await nearest(locked) { _ in true }.package
  }

  /// The content of a locked package, from where it was published.
  private func fetched(_ locked: LockedPackage) async throws -> Package {
    try requireReachable(locked.origin.location, "\(locked.name) \(locked.version)")
    let package = try await sources.package(at: locked.origin)
    do throws(PackageError) {
      try locked.require(package)
    } catch {
      throw PackageError(error.kind, place: locked.origin.address, error.message, hint: error.hint)
    }
    return package
  }

  private func requireReachable(_ location: PackageSource.Location, _ what: String) throws(PackageError) {
    guard rules.isOffline, !PackageSource(location).isLocal else { return }
    throw PackageError(
      .unavailable, "\(what) is neither installed nor kept on this machine, and --offline forbids fetching it",
      hint: "install it once with the network, or put its archive into \(store.home.vendor)")
  }

  private static func unknown(_ name: PackageName, in lock: PackageLock) -> PackageError {
    let names = lock.packages.map(\.name.description)
    return PackageError(
      .usage, "there is no package \(name)",
      hint: Suggestion.closest(to: name.description, in: names).map { "did you mean '\($0)'?" }
        ?? "apig-lua pkg list shows them")
  }
}

extension PackageLock {
  /// What the project itself asked for.
  var requests: [(name: PackageName, source: PackageSource)] {
    packages.compactMap { package in package.request.map { (package.name, $0) } }
  }
}

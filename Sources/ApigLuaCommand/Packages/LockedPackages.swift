internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import PlaybookPackages
internal import Synchronization

/// The packages that scripts may use: those that the project's lock holds, then those of the user's.
///
/// A package is read and compared with the lock when it is first asked for; from then on it is in memory.
actor LockedPackages: ScriptPackages {
  /// A package as it was found, with the place it was found in.
  struct Found: Sendable {
    let package: Package
    let locked: LockedPackage
    let isSigned: Bool
  }

  private let homes: [PackageHome]
  private let project: String
  private let settings: Settings
  private let variables: EnvironmentVariables
  /// Those that were read: for one run, they stay as they were.
  private nonisolated let locks = Mutex<[(home: PackageHome, lock: PackageLock)]>([])
  private var found: [PackageName: Found] = [:]
  /// By package, what its manifest asks for: as it is written there, and where paths of it lead.
  private nonisolated let declarations = Mutex<[String: [(written: Permission, located: Permission)]]>([:])

  /// - Parameters:
  ///   - variables: of the user who types, whose packages and signers count; those of the settings unless given.
  ///   - folder: where the search for the project begins.
  init(settings: Settings, variables: EnvironmentVariables? = nil, folder: String) {
    let project = ConfigurationFile.projectFolder(from: folder)
    self.variables = variables ?? settings.variables
    let user = settings.takesLockAsItIs ? nil : try? PackageHome.user(of: self.variables)
    homes = [.project(project)] + [user].compactMap(\.self)
    self.project = project
    self.settings = settings
  }

  nonisolated var areNone: Bool { homes.allSatisfy { $0.lacksLock } }

  nonisolated func contains(_ name: String, for requirer: String?) throws -> Bool {
    guard let name = try? PackageName(name) else { return false }
    do throws(PackageError) {
      guard let requirer = requirer.flatMap({ try? PackageName($0) }) else { return try entry(of: name) != nil }
      guard let (locked, home) = try entry(of: requirer), locked.dependencies[name] != nil else { return false }
      try requireOwn(name, of: locked, in: home)
      return true
    } catch {
      throw GatewayError(error)
    }
  }

  func package(_ name: String) async throws -> ScriptPackage {
    do throws(PackageError) {
      return try await scriptPackage(find(PackageName(name)))
    } catch {
      throw GatewayError(error)
    }
  }

  /// What `apig-lua acme/rotate` runs; nil when no lock has the package.
  ///
  /// - Throws: ``PackageError``; ``UsageError`` for a package without such an entry point.
  func entryPoint(_ reference: PackageEntryPoint.Reference) async throws -> PackageEntryPoint? {
    guard try entry(of: reference.package) != nil else { return nil }
    let found = try await find(reference.package)
    let manifest = found.package.manifest
    let file = reference.entry.map { manifest.entryPoints[$0] } ?? manifest.defaultEntryPoint
    guard let file, let source = found.package.tree[file] else {
      let names = manifest.entryPoints.keys.sorted()
      throw UsageError(
        message: reference.entry.map { "\(manifest.name) has no entry point '\($0)'" }
          ?? "\(manifest.name) has \(names.isEmpty ? "nothing to run: it is for scripts to require" : "no entry point main")",
        hint: names.isEmpty
          ? "require \"\(manifest.name.module)\""
          : "it has \(names.map { "apig-lua \(manifest.name):\($0)" }.joined(separator: ", "))")
    }
    return PackageEntryPoint(
      reference: reference, package: scriptPackage(found),
      chunk: LuaChunk(name: "\(manifest.name)/\(file)", source: source))
  }

  /// Keeps in the lock what a package was granted, and tells so.
  nonisolated var keepGrant: @Sendable (Permission, PackagePrincipal) throws -> Void {
    { permission, package in
      // The person has said yes: what keeps the lock from being written does not take that back.
      do {
        let file = try self.keep(self.written(permission, of: package.name), grantedTo: PackageName(package.name))
        StandardStream.error.write("granted in \(file)\n")
      } catch {
        let reason = (error as? PackageError)?.message ?? "\(error)"
        StandardStream.error.write("warning: granted for this run only: \(reason.withoutControlCharacters)\n")
      }
    }
  }

  /// A permission as the lock is to hold it: with a path that begins as the manifest writes it, so that it stays part of
  /// what that asks for.
  private nonisolated func written(_ permission: Permission, of package: String) -> Permission {
    let declared = declarations.withLock { $0[package] ?? [] }
    guard permission.kind.isAboutFiles,
      let (written, located) = declared.first(where: { $0.located.includes(permission) }), written.object != "*"
    else { return permission }
    let rest = permission.object.utf8.dropFirst(located.object.utf8.count)
    return Permission(permission.kind, written.object + String(decoding: rest, as: UTF8.self))
  }

  /// - Throws: ``PackageError``; what writing throws.
  private nonisolated func keep(_ permission: Permission, grantedTo name: PackageName) throws -> String {
    if settings.takesLockAsItIs { throw PackageError(.refused, "--locked keeps apig.lock as it is") }
    guard let (asked, home) = try entry(of: name) else { return PackageLock.fileName }
    let store = PackageStore(home: home, cache: nil)
    let held = try store.holdExclusively()
    defer { held.release() }
    // As it is now: somebody may have changed it since it was read for this run.
    var lock = try home.readLock()
    guard var entry = lock[name], entry.digest == asked.digest else {
      throw PackageError(.refused, "\(home.lock) has another \(name) by now")
    }
    entry.grant(permission)
    lock[name] = entry
    try store.write(lock)
    return home.lock
  }

  /// Finds modules for who only asks whether they are there: those of a source, then those of packages.
  nonisolated func knowing(_ modules: LuaModuleSource?) -> LuaModuleSource {
    { module in
      if let found = try modules?(module) { return found }
      guard let name = ScriptPackage.name(ofModule: module), try self.contains(name, for: nil) else { return nil }
      return (module, [])
    }
  }

  // MARK: - Taking the lock as it is

  /// Makes sure that everything the project's lock has is installed as it is locked, and nothing else is.
  ///
  /// - Throws: ``PackageError``.
  func requireWhole() async throws(PackageError) {
    let home = PackageHome.project(project)
    try home.requireLock()
    let lock = try lock(of: home)
    try lock.requireComplete()
    for locked in lock.packages { _ = try await find(locked.name) }
    do {
      try manager(of: home).requireNoStrays(of: lock)
    } catch {
      throw PackageError(error, about: "the packages")
    }
  }

  // MARK: - Finding

  private func find(_ name: PackageName) async throws(PackageError) -> Found {
    if let known = found[name] { return known }
    guard let (locked, home) = try entry(of: name) else {
      throw PackageError(.usage, "there is no package \(name)", hint: "apig-lua pkg list shows them")
    }
    do {
      let (package, signature) = try await manager(of: home).verified(locked)
      let result = Found(package: package, locked: locked, isSigned: signature.signer != nil)
      found[name] = result
      return result
    } catch {
      throw PackageError(error, about: name.description)
    }
  }

  private func manager(of home: PackageHome) throws -> PackageManager {
    try PackageWorkplace(
      settings, variables: variables, home, project: home == .project(project) ? project : nil, isOffline: true
    ).manager
  }

  /// Makes sure that a package gets what it was locked with: another of the same name may be the project's own.
  private nonisolated func requireOwn(
    _ name: PackageName, of requirer: LockedPackage, in home: PackageHome
  ) throws(PackageError) {
    guard let (given, other) = try entry(of: name), other != home, let own = try lock(of: home)[name],
      own.digest != given.digest
    else { return }
    throw PackageError(
      .refused,
      "\(requirer.name) \(requirer.version), a package of the user's, needs the user's \(name) \(own.version), "
        + "and the project has \(name) \(given.version)",
      hint: "take \(requirer.name) into the project, too: apig-lua pkg add SOURCE")
  }

  private nonisolated func entry(of name: PackageName) throws(PackageError) -> (
    locked: LockedPackage, home: PackageHome
  )? {
    for home in homes {
      if let locked = try lock(of: home)[name] { return (locked, home) }
    }
    return nil
  }

  private nonisolated func lock(of home: PackageHome) throws(PackageError) -> PackageLock {
    if let read = locks.withLock({ locks in locks.first { $0.home == home } }) { return read.lock }
    let read = try home.readLock()
    locks.withLock { $0.append((home, read)) }
    return read
  }

  private func scriptPackage(_ found: Found) -> ScriptPackage {
    let package = found.package
    let declared = package.manifest.permissions.map { (written: $0, located: $0.located(in: project)) }
    declarations.withLock { $0[package.name.description] = declared }
    return ScriptPackage(
      principal: PackagePrincipal(
        name: package.name.description, version: package.version.description,
        declared: declared.map(\.located), granted: found.locked.permissions.map { $0.located(in: project) }),
      digest: package.tree.digest, isIsolated: !found.isSigned && !settings.trustsUnsigned
    ) { module in
      package.module(module).map { ("\(package.name)/\($0.file)", $0.content) }
    }
  }
}

extension PackageError {
  fileprivate init(_ error: any Error, about what: String) {
    self = error as? PackageError ?? PackageError(.unavailable, "\(what) cannot be read: \(error)")
  }
}

extension GatewayError {
  /// As scripts see it.
  fileprivate init(_ error: PackageError) {
    self.init(
      kind: error.kind == .refused ? .refused : .usage,
      message: [error.place, error.message].compactMap(\.self).joined(separator: ": "), hint: error.hint)
  }
}

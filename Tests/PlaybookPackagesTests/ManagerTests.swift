import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

@testable import PlaybookPackages

/// Adding, installing, updating and verifying: the whole life of a package, in real folders and repositories.
@Suite(.timeLimit(.minutes(5))) struct ManagerTests {
  /// A project, with what belongs to it.
  private struct Project {
    let folder: URL
    var isOffline = false
    var requiresSigned = false
    var userList = "/nonexistent"

    var home: PackageHome { .project(folder.path) }

    var manager: PackageManager {
      var rules = PackageManager.Rules(lua: SemanticVersion(5, 4, 4), command: SemanticVersion(0, 1, 0))
      rules.isOffline = isOffline
      rules.requiresSigned = requiresSigned
      let cache = folder.deletingLastPathComponent().appending(path: "cache").path
      return PackageManager(
        store: PackageStore(home: home, cache: cache),
        sources: SourceReader(folder: folder.path, gitCache: cache + "/git") { _, _ in
          throw PackageError(.unavailable, "nothing is downloaded here")
        }, verifier: SignatureVerifier(lists: [userList], projectList: folder.path + "/.apig/allowed_signers"),
        rules: rules)
    }

    func add(_ source: String) async throws {
      let lock = try home.readLock()
      try manager.apply(try await manager.changes(adding: PackageSource(source), to: lock), to: lock)
    }

    func locked(_ name: String = "acme/rotate") throws -> LockedPackage {
      try #require(try home.readLock()[PackageName(name)])
    }

    func file(_ name: String) -> URL { folder.appending(path: ".apig/pkg/acme/rotate/" + name) }
  }

  private func withProject(_ body: (URL, GitServer, Project) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let server = try await GitServer(in: folder.appending(path: "rotate"))
      let project = folder.appending(path: "project")
      try FileManager.default.createDirectory(at: project, withIntermediateDirectories: true)
      try await body(folder, server, Project(folder: project))
    }
  }

  @Test func whatIsAddedIsLockedAndInstalled() async throws {
    try await withProject { folder, server, project in
      let commit = try await server.publish(version: "1.0.0", lines: ["permissions: [read, \"publish:STAGING\"]"])
      try await server.publish(version: "2.0.0")
      try await project.add(server.source + "@^1")
      let locked = try project.locked()
      #expect(locked.version.description == "1.0.0" && locked.origin.commit == commit)
      #expect(locked.request?.description == server.source + "@^1")
      #expect(locked.permissions.map(\.description) == ["publish:STAGING", "read"])
      #expect(try String(contentsOf: project.file("init.lua"), encoding: .utf8) == "return { n = 1 }\n")
      #expect(try await project.manager.verify(locked) == .unsigned)
      #expect(try await project.manager.store.package(locked).module("acme.rotate") != nil)
      let text = try project.home.readLock().text
      try await project.add(server.source + "@^1")
      #expect(try project.home.readLock().text == text)
    }
  }

  @Test func dependenciesComeAndGoWithWhoNeedsThem() async throws {
    try await withProject { folder, server, project in
      let waves = try await GitServer(in: folder.appending(path: "waves"))
      try await waves.publish("acme/waves", version: "1.4.0")
      try await waves.publish("acme/waves", version: "2.0.0")
      try await server.publish(
        version: "1.0.0", lines: ["dependencies: { acme/waves: { source: \"\(waves.source)\", version: ^1.2 } }"])
      try await project.add(server.source)
      #expect(try project.locked("acme/waves").version.description == "1.4.0")
      #expect(try project.locked("acme/waves").request == nil)
      let lock = try project.home.readLock()
      let waveName = try PackageName("acme/waves")
      let needed = try #require(throws: PackageError.self) {
        try project.manager.changes(removing: [waveName], from: lock)
      }
      #expect(needed.message == "acme/rotate needs acme/waves")
      try project.manager.apply(
        try project.manager.changes(removing: [PackageName("acme/rotate")], from: lock), to: lock)
      #expect(try project.home.readLock().packages.isEmpty)
      #expect(try PackageFiles.names(below: project.folder.appending(path: ".apig/pkg")).isEmpty)
    }
  }

  @Test func anUpdateTellsWhatChanges() async throws {
    try await withProject { folder, server, project in
      try await server.publish(version: "1.0.0", lines: ["permissions: [read, \"secret:old\"]"])
      try await project.add(server.source)
      try await server.publish(
        version: "1.1.0", lines: ["permissions: [read, \"offline:RELEASE\"]"], code: "return { n = 2 }")
      let lock = try project.home.readLock()
      let change = try #require(try await project.manager.changes(updating: nil, in: lock).first)
      #expect(change.isChange && change.newPermissions.map(\.description) == ["offline:RELEASE"])
      #expect(change.droppedPermissions.map(\.description) == ["secret:old"])
      #expect(change.difference.files.map(\.name) == ["init.lua", "package.yaml"])
      #expect(change.difference.unifiedText.contains("-return { n = 1 }\n+return { n = 2 }\n"))
      #expect(try project.home.readLock() == lock, "looking changes nothing")
      try project.manager.apply([change], to: lock)
      #expect(try project.locked().version.description == "1.1.0")
      #expect(try String(contentsOf: project.file("init.lua"), encoding: .utf8) == "return { n = 2 }\n")
    }
  }

  @Test func whatWasNotGrantedIsNotGrantedByAnUpdate() async throws {
    try await withProject { folder, server, project in
      try await server.publish(version: "1.0.0", lines: ["permissions: [read, \"secret:a\"]"])
      let empty = PackageLock()
      var changes = try await project.manager.changes(adding: PackageSource(server.source), to: empty)
      changes[0].deny { $0.kind == .secret }
      try project.manager.apply(changes, to: empty)
      #expect(try project.locked().permissions == [Permission(.read)])
      try await server.publish(version: "1.1.0", lines: ["permissions: [read, \"secret:a\", \"secret:b\"]"])
      let update = try await project.manager.changes(updating: nil, in: try project.home.readLock())
      #expect(update[0].newPermissions.map(\.description) == ["secret:b"])
      // Adding it again asks for everything anew.
      let again = try await project.manager.changes(
        adding: PackageSource(server.source), to: try project.home.readLock())
      #expect(again[0].newPermissions.map(\.description) == ["secret:a", "secret:b"])
    }
  }

  @Test func installingAnywhereGivesTheSameFiles() async throws {
    try await withProject { folder, server, project in
      try await server.publish(version: "1.0.0")
      try await project.add(server.source)
      let locked = try project.locked()
      try FileManager.default.removeItem(at: folder.appending(path: "cache"))
      try FileManager.default.removeItem(at: project.folder.appending(path: ".apig"))
      #expect(try await project.manager.install(locked) == .fetched)
      #expect(try await project.manager.install(locked) == .installed)
      try FileManager.default.removeItem(at: project.folder.appending(path: ".apig"))
      try FileManager.default.removeItem(at: server.folder)
      #expect(try await project.manager.install(locked) == .archived, "the source is gone, the cache has it")
      try FileManager.default.removeItem(at: project.folder.appending(path: ".apig"))
      try FileManager.default.removeItem(at: folder.appending(path: "cache"))
      await #expect(throws: PackageError.self) { try await project.manager.install(locked) }
    }
  }

  @Test func aVendorFolderIsEnough() async throws {
    try await withProject { folder, server, project in
      try await server.publish(version: "1.0.0")
      try await project.add(server.source)
      let locked = try project.locked()
      let archive = PackageArchive.pack(try await project.manager.store.package(locked))
      for gone in [folder.appending(path: "cache"), server.folder, project.folder.appending(path: ".apig")] {
        try FileManager.default.removeItem(at: gone)
      }
      let vendor = project.folder.appending(path: ".apig/vendor")
      try FileManager.default.createDirectory(
        at: vendor.appending(path: "acme"), withIntermediateDirectories: true)
      let file = vendor.appending(path: "acme/rotate-1.0.0.tar.gz")
      var tampered = archive
      // A byte of a Lua file, with the archive's own checksum made to fit it.
      var tar = try Gzip.unpack(archive, limit: 1 << 20)
      let place = try #require(tar.firstRange(of: Array("n = 1".utf8)))
      tar[place.lowerBound] = UInt8(ascii: "m")
      tampered = Gzip.pack(tar)
      try Data(tampered).write(to: file)
      let error = try await #require(throws: PackageError.self) { try await project.manager.install(locked) }
      #expect(error.kind == .refused && error.message.contains("its files have the digest"), "\(error)")
      #expect(error.place == file.path)
      try Data(archive).write(to: file)
      var offline = project
      offline.isOffline = true
      #expect(try await offline.manager.install(locked) == .archived)
    }
  }

  @Test func offlineNothingIsTurnedTo() async throws {
    try await withTemporaryFolder { folder in
      var project = Project(folder: folder.appending(path: "project"))
      project.isOffline = true
      let error = try await #require(throws: PackageError.self) {
        try await project.manager.changes(adding: PackageSource("git+https://127.0.0.1:9/x"), to: PackageLock())
      }
      #expect(error.kind == .unavailable && error.message.contains("--offline"))
    }
  }

  // MARK: - Tampering

  @Test(arguments: ["a byte", "a file more", "a file less", "a link", "the manifest"])
  func whatIsInstalledMustBeWhatIsLocked(_ change: String) async throws {
    try await withProject { folder, server, project in
      try await server.publish(version: "1.0.0")
      try await project.add(server.source)
      switch change {
      case "a byte": try "return { n = 9 }\n".write(to: project.file("init.lua"), atomically: true, encoding: .utf8)
      case "a file more": try "".write(to: project.file("more.lua"), atomically: true, encoding: .utf8)
      case "a file less": try FileManager.default.removeItem(at: project.file("init.lua"))
      case "a link":
        try FileManager.default.removeItem(at: project.file("init.lua"))
        try FileManager.default.createSymbolicLink(
          at: project.file("init.lua"), withDestinationURL: server.folder.appending(path: "init.lua"))
      default:
        try "name: acme/rotate\nversion: 1.0.0\npermissions: [read]\n".write(
          to: project.file("package.yaml"), atomically: true, encoding: .utf8)
      }
      let locked = try project.locked()
      let error = try await #require(throws: PackageError.self) { try await project.manager.verify(locked) }
      #expect(error.kind == .refused, "\(error)")
      #expect(try await project.manager.install(locked) == .archived, "installing puts it back")
      #expect(try await project.manager.verify(locked) == .unsigned)
      #expect(try PackageFiles.names(below: project.folder.appending(path: ".apig/pkg/acme")).count == 3)
    }
  }

  @Test func aMovedTagIsFoundOut() async throws {
    try await withProject { folder, server, project in
      let first = try await server.publish(version: "1.0.0")
      try await project.add(server.source)
      let second = try await server.publish(version: "1.0.1", code: "return 'evil'")
      try await server.git("tag", "-f", "v1.0.0", second)
      try await server.git("tag", "-d", "v1.0.1")
      for gone in [folder.appending(path: "cache"), project.folder.appending(path: ".apig")] {
        try FileManager.default.removeItem(at: gone)
      }
      let lock = try project.home.readLock()
      let locked = try project.locked()
      let reason = "the tag refs/tags/v1.0.0 has moved: apig.lock has commit \(first), it is \(second) now"
      let install = try await #require(throws: PackageError.self) { try await project.manager.install(locked) }
      #expect(install.kind == .refused && install.message == reason, "\(install)")
      let update = try await #require(throws: PackageError.self) {
        try await project.manager.changes(updating: nil, in: lock)
      }
      #expect(update.message == reason)
    }
  }

  @Test func anotherSignerIsRefusedAndToldOfInAnUpdate() async throws {
    try await withProject { folder, server, project in
      let ops = try await SigningKey("ops", in: folder), other = try await SigningKey("other", in: folder)
      func sign(_ key: SigningKey) async throws {
        let made = try await SignatureVerifier.sign(try await PackageFiles.package(in: server.folder), key: key.file)
        try Data(made.signature).write(to: server.folder.appending(path: "package.sig"))
      }
      try PackageFiles.write(
        [".apig/allowed_signers": ops.allowed("ops@example.com") + other.allowed("other@example.com")],
        to: project.folder)
      try PackageFiles.writePackage(to: server.folder)
      try await sign(ops)
      try await server.commit()
      try await project.add(server.source + "@main")
      #expect(try project.locked().signer?.identity == "ops@example.com")
      let locked = try project.locked()

      // The same files, signed by somebody else.
      try FileManager.default.removeItem(at: server.folder.appending(path: "package.sig"))
      try await sign(other)
      try FileManager.default.removeItem(at: project.file("package.sig"))
      try FileManager.default.copyItem(
        at: server.folder.appending(path: "package.sig"), to: project.file("package.sig"))
      let error = try await #require(throws: PackageError.self) { try await project.manager.verify(locked) }
      #expect(error.message.contains("it is signed by other@example.com"), "\(error)")
      #expect(error.message.contains("locked is ops@example.com"))

      try await server.commit()
      let change = try #require(try await project.manager.changes(updating: nil, in: project.home.readLock()).first)
      #expect(change.changesSigner && change.signature.signer?.identity == "other@example.com")

      // Nobody whom the list allows, any more.
      try PackageFiles.write([".apig/allowed_signers": other.allowed("other@example.com")], to: project.folder)
      try FileManager.default.removeItem(at: project.file("package.sig"))
      let none = try await #require(throws: PackageError.self) { try await project.manager.verify(locked) }
      #expect(none.message.contains("it is not signed, locked is ops@example.com"), "\(none)")
    }
  }

  @Test func thePolicyMayDemandSignatures() async throws {
    try await withProject { folder, server, project in
      try await server.publish(version: "1.0.0")
      try await project.add(server.source)
      var strict = project
      strict.requiresSigned = true
      for error in [
        await #expect(throws: PackageError.self) {
          try await strict.manager.changes(adding: PackageSource(server.source), to: PackageLock())
        },
        await #expect(throws: PackageError.self) { try await strict.manager.verify(project.locked()) },
        await #expect(throws: PackageError.self) { try await strict.manager.install(project.locked()) },
      ] { #expect(error?.message.contains("the policy is require_signed") == true) }
    }
  }

  @Test func aNarrowGrantStaysWhateverElseChanges() async throws {
    try await withProject { folder, server, project in
      try await server.publish(version: "1.0.0", lines: ["permissions: [read, \"publish:*\"]"])
      let empty = PackageLock()
      var changes = try await project.manager.changes(adding: PackageSource(server.source), to: empty)
      changes[0].deny { $0.includes(Permission(.publish, "RELEASE")) }
      #expect(changes[0].after?.permissions == [Permission(.read)], "it would hold the denied one with the others")
      #expect(changes[0].after?.withheld == [Permission(.publish, "*")])
      try project.manager.apply(changes, to: empty)
      var lock = try project.home.readLock()
      lock[try PackageName("acme/rotate")]?.grant(Permission(.publish, "STAGING"))
      try project.manager.store.write(lock)
      // Neither the files nor the cache are needed to know what was withheld.
      try FileManager.default.removeItem(at: project.folder.appending(path: ".apig"))
      try FileManager.default.removeItem(at: folder.appending(path: "cache"))
      try await server.publish(version: "1.1.0", lines: ["permissions: [read, \"publish:*\", \"secret:a\"]"])
      try PackageFiles.writePackage("acme/probe", to: folder.appending(path: "probe"))
      try await project.add("../probe")
      #expect(try project.locked().permissions.map(\.description) == ["publish:STAGING", "read"])
      let update = try await project.manager.changes(updating: nil, in: try project.home.readLock())
      let change = try #require(update.first { $0.name.description == "acme/rotate" })
      #expect(change.newPermissions.map(\.description) == ["secret:a"])
      #expect(change.droppedPermissions.isEmpty)
      #expect(change.after?.permissions.map(\.description) == ["publish:STAGING", "read", "secret:a"])
      #expect(change.after?.withheld.map(\.description) == ["publish:*"])
    }
  }

  @Test func whatTheProjectAllowsDoesNotCountWhereSignaturesAreDemanded() async throws {
    try await withProject { folder, server, project in
      let key = try await SigningKey("ops", in: folder)
      try PackageFiles.writePackage(to: server.folder)
      let made = try await SignatureVerifier.sign(try await PackageFiles.package(in: server.folder), key: key.file)
      try Data(made.signature).write(to: server.folder.appending(path: "package.sig"))
      try await server.commit()
      try PackageFiles.write([".apig/allowed_signers": key.allowed("ops@example.com")], to: project.folder)
      try await project.add(server.source + "@main")
      let locked = try project.locked()
      let status = try await project.manager.verify(locked)
      #expect(status == .signedForProject(PackageSigner(identity: "ops@example.com", key: key.fingerprint)))
      #expect(status.description.hasSuffix("(allowed by the project)"))
      var strict = project
      strict.requiresSigned = true
      let error = try await #require(throws: PackageError.self) { try await strict.manager.verify(locked) }
      #expect(error.message.contains("(allowed by the project), and the policy is require_signed"), "\(error)")
      // The user's list counts, whatever it calls the key's owner.
      strict.userList = folder.appending(path: "user_signers").path
      try key.allowed("the-ops").write(toFile: strict.userList, atomically: true, encoding: .utf8)
      #expect(try await strict.manager.verify(locked).signer?.identity == "the-ops")
      let changes = try await strict.manager.changes(updating: nil, in: try project.home.readLock())
      #expect(!changes[0].isChange && !changes[0].changesSigner)
    }
  }

  // MARK: - Places

  @Test func foldersAndArchivesAreSourcesToo() async throws {
    try await withProject { folder, server, project in
      try PackageFiles.writePackage("acme/probe", version: "0.1.0", to: folder.appending(path: "probe"))
      try PackageFiles.write(
        [
          "package.yaml": """
          name: acme/rotate
          version: 1.0.0
          dependencies: { acme/probe: { source: ../probe } }
          """
        ], to: server.folder)
      try await project.add("../rotate")
      #expect(try project.locked("acme/probe").version.description == "0.1.0")
      #expect(try project.locked("acme/probe").origin.address == "../rotate/../probe")
      let archive = PackageArchive.pack(try await PackageFiles.package(in: folder.appending(path: "probe")))
      try Data(archive).write(to: folder.appending(path: "probe.tar.gz"))
      let other = Project(folder: folder.appending(path: "other"))
      try await other.add(folder.path + "/probe.tar.gz")
      #expect(try other.locked("acme/probe").origin.location == .archive(folder.path + "/probe.tar.gz"))
    }
  }

  @Test func aPackageFromElsewhereCannotNamePlacesOfThisMachine() async throws {
    try await withTemporaryFolder { folder in
      let archive = folder.appending(path: "evil.tar.gz")
      try PackageFiles.writePackage(
        lines: ["dependencies: { acme/secret: { source: /etc } }"], to: folder.appending(path: "evil"))
      let bytes = PackageArchive.pack(try await PackageFiles.package(in: folder.appending(path: "evil")))
      try Data(bytes).write(to: archive)
      let manager = PackageManager(
        store: PackageStore(home: .project(folder.path), cache: nil),
        sources: SourceReader(folder: folder.path, gitCache: folder.path + "/git") { _, _ in bytes },
        verifier: SignatureVerifier(lists: []),
        rules: PackageManager.Rules(lua: SemanticVersion(5, 4, 4), command: SemanticVersion(0, 1, 0)))
      let error = try await #require(throws: PackageError.self) {
        try await manager.changes(adding: PackageSource("https://example.com/evil.tar.gz"), to: PackageLock())
      }
      #expect(error.kind == .refused && error.message.contains("a place of this machine"), "\(error)")
    }
  }

  @Test func packagesAreNotRemovedThroughLinks() async throws {
    try await withProject { folder, server, project in
      try await server.publish("evil/victim", version: "1.0.0")
      try await project.add(server.source)
      // The checkout's own link leads to the folder beside it, where a neighbour is called as the package is.
      try PackageFiles.write(["victim/precious": "kept"], to: folder)
      let owner = project.folder.appending(path: ".apig/pkg/evil")
      try FileManager.default.removeItem(at: owner)
      try FileManager.default.createSymbolicLink(atPath: owner.path, withDestinationPath: "../../..")
      let lock = try project.home.readLock()
      let changes = try project.manager.changes(removing: [PackageName("evil/victim")], from: lock)
      let error = try #require(throws: PackageError.self) { try project.manager.apply(changes, to: lock) }
      #expect(error.kind == .refused && error.message.contains("through links"), "\(error)")
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: "victim/precious").path))
      // Nor is anything made, or vendored, at a place that somebody else has chosen.
      let apig = project.folder.appending(path: ".apig")
      let package = try await PackageFiles.package(in: server.folder)
      try FileManager.default.removeItem(at: apig)
      try FileManager.default.createSymbolicLink(atPath: apig.path, withDestinationPath: "../victim")
      #expect(throws: PackageError.self) { try project.manager.store.holdExclusively().release() }
      #expect(throws: PackageError.self) { try project.manager.store.vendor(package) }
      #expect(try PackageFiles.names(below: folder.appending(path: "victim")) == ["precious"])
    }
  }

  @Test func anotherRepositoryMayHaveTheSameTag() async throws {
    try await withProject { folder, server, project in
      try await server.publish(version: "1.0.0")
      try await project.add(server.source)
      let fork = try await GitServer(in: folder.appending(path: "fork"))
      let commit = try await fork.publish(version: "1.0.0", code: "return 'fork'")
      try await project.add(fork.source)
      #expect(try project.locked().origin.commit == commit)
    }
  }

  @Test func packagesNeverShareAVendoredArchive() async throws {
    try await withTemporaryFolder { folder in
      let store = PackageStore(home: .project(folder.appending(path: "project").path), cache: nil)
      var files: Set<String> = []
      for name in ["acme-x/y", "acme/x-y"] {
        let source = folder.appending(path: name)
        try PackageFiles.writePackage(name, code: "return '\(name)'", to: source)
        let package = try await PackageFiles.package(in: source)
        let file = try store.vendor(package)
        files.insert(file)
        #expect(try await PackageArchive.read(file: file).name.description == name)
      }
      #expect(files.count == 2)
    }
  }

  @Test func packagesAreNotWrittenThroughLinks() async throws {
    try await withProject { folder, server, project in
      try await server.publish(version: "1.0.0")
      let outside = folder.appending(path: "outside")
      try FileManager.default.createDirectory(at: outside, withIntermediateDirectories: true)
      try FileManager.default.createDirectory(
        at: project.folder.appending(path: ".apig/pkg"), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        at: project.folder.appending(path: ".apig/pkg/acme"), withDestinationURL: outside)
      let error = try await #require(throws: PackageError.self) { try await project.add(server.source) }
      #expect(error.kind == .refused && error.message.contains("through links"))
      #expect(try PackageFiles.names(below: outside).isEmpty)
      #expect(!FileManager.default.fileExists(atPath: project.home.lock))
    }
  }
}

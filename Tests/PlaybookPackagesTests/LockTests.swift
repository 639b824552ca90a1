import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

@testable import PlaybookPackages

/// `apig.lock`: the same text for the same packages, and no change of it unnoticed.
@Suite struct LockTests {
  private func lock() throws -> PackageLock {
    let digest = String(repeating: "ab", count: 32)
    var origin = PackageOrigin(location: try PackageSource("git+https://git.example.com/acme/rotate.git").location)
    origin.reference = "refs/tags/v2.1.0"
    origin.commit = String(repeating: "0a", count: 20)
    let rotate = LockedPackage(
      name: try PackageName("acme/rotate"), version: try SemanticVersion("2.1.0"),
      request: try PackageSource("git+https://git.example.com/acme/rotate.git@^2.0"), origin: origin, digest: digest,
      signer: PackageSigner(identity: "ops@example.com", key: "SHA256:abc/def+x"),
      permissions: [Permission(.publish, "STAGING"), Permission(.read)],
      dependencies: [try PackageName("acme/waves"): try VersionRange("^1.2")])
    let waves = LockedPackage(
      name: try PackageName("acme/waves"), version: try SemanticVersion("1.10.0"), request: nil,
      origin: PackageOrigin(location: .folder("../waves \"x\" \\")), digest: digest, signer: nil, permissions: [],
      dependencies: [:])
    return PackageLock([waves, rotate])
  }

  private func read(_ text: String) throws -> PackageLock { try PackageLock(Array(text.utf8)) }

  @Test func whatIsWrittenIsReadAsItWas() throws {
    let lock = try lock()
    #expect(try read(lock.text) == lock)
    #expect(try read(lock.text).text == lock.text)
    #expect(try read(PackageLock().text) == PackageLock())
  }

  /// Without a lock nothing of packages is made for a run: one that is there, readable or not, must not be overlooked.
  @Test func onlyALockThatIsNotThereIsLacking() async throws {
    try await withTemporaryFolder { folder in
      let home = PackageHome.project(folder.path)
      #expect(home.lacksLock)
      #expect(try home.readLock() == PackageLock())
      try FileManager.default.createDirectory(atPath: home.lock, withIntermediateDirectories: false)
      #expect(!home.lacksLock)
      let within = PackageHome.project(home.lock)
      #expect(within.lacksLock)
      try FileManager.default.removeItem(atPath: home.lock)
      try lock().text.write(toFile: home.lock, atomically: true, encoding: .utf8)
      #expect(!home.lacksLock)
      // What lies below a file cannot be looked at.
      #expect(!within.lacksLock)
    }
  }

  @Test func itIsForPeopleToReadToo() throws {
    let text = try lock().text
    #expect(
      text.hasPrefix(
        """
        # Made by apig-lua pkg, and to be committed. Changes by hand are refused: pkg add, update and remove make them.
        lock: 1
        packages:
          acme/rotate:
            version: "2.1.0"
            request: "git+https://git.example.com/acme/rotate.git@^2.0"
            source: "git+https://git.example.com/acme/rotate.git"
            reference: "refs/tags/v2.1.0"
            commit: "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"
            sha256: "abababababababababababababababababababababababababababababababab"
            signer: "ops@example.com"
            signer_key: "SHA256:abc/def+x"
            permissions:
              - "publish:STAGING"
              - "read"
            dependencies:
              acme/waves: "^1.2"
            checksum:
        """), "\(text)")
  }

  @Test(arguments: [
    ("version: \"2.1.0\"", "version: \"2.1.1\""), ("@^2.0", "@^2.1"),
    ("rotate.git\"\n    reference", "rotatE.git\"\n    reference"),
    ("v2.1.0", "v2.1.1"), ("commit: \"0a", "commit: \"0b"), ("sha256: \"ab", "sha256: \"aa"), ("ops@", "oops@"),
    ("SHA256:abc", "SHA256:abd"), ("publish:STAGING", "publish:RELEASE"), ("      - \"read\"\n", ""),
    ("\"^1.2\"", "\"^1.3\""), ("acme/rotate:", "acme/rotates:"),
    ("    signer: \"ops@example.com\"\n    signer_key: \"SHA256:abc/def+x\"\n", ""),
    ("    request: \"git+https://git.example.com/acme/rotate.git@^2.0\"\n", ""),
  ]) func aChangeThatMattersIsRefused(_ old: String, _ new: String) throws {
    let text = try lock().text
    try #require(text.contains(old))
    let error = try #require(throws: PackageError.self) { try read(text.replacing(old, with: new, maxReplacements: 1)) }
    #expect(error.kind == .refused && error.message.contains("was changed since apig-lua wrote it"), "\(error)")
    #expect(error.place?.hasPrefix("apig.lock:") == true)
  }

  @Test func everyChangedByteIsFoundOrMeansNothing() throws {
    let lock = try lock()
    let bytes = Array(lock.text.utf8)
    for position in bytes.indices {
      var changed = bytes
      changed[position] ^= 1
      if let read = try? PackageLock(changed) { #expect(read == lock, "byte \(position)") }
    }
  }

  @Test(arguments: [
    ("lock: 2\npackages: {}", "this apig-lua knows form 1"), ("packages: {}", "its form is ''"),
    ("lock: 1\npackages: []", "must hold names and values"), ("lock: 1\npackages:\n  a/b: {}", "has no 'source'"),
    ("lock: 1\npackages:\n  a/b: { colour: red }", "has no 'colour'"),
    ("lock: 1\npackages:\n  A: {}", "no package's name"),
    ("lock: 1\npackages: {}\n<<<<<<< HEAD", "no YAML"), ("lock: 1", "it is not whole"),
    ("lock: 1\npackages: {}", "it is not whole"),
  ]) func aBrokenLockIsToldWithWhatIsWrong(_ text: String, _ message: String) throws {
    let error = try #require(throws: PackageError.self) { try read(text) }
    #expect(error.message.contains(message), "\(error)")
  }

  @Test func aLockThatIsCutOffIsRefused() throws {
    let text = try lock().text
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for count in 0..<lines.count - 1 {
      let cut = lines.prefix(count).joined(separator: "\n")
      #expect(throws: PackageError.self, "\(count) lines") { try read(cut) }
    }
    // A whole entry, that nobody would miss.
    let entry = try #require(text.firstRange(of: "  acme/waves:\n"))
    let end = try #require(text.range(of: "\nchecksum:"))
    let error = try #require(throws: PackageError.self) {
      try read(text.replacingCharacters(in: entry.lowerBound..<text.index(after: end.lowerBound), with: ""))
    }
    #expect(error.kind == .refused && error.message.contains("it is not whole"), "\(error)")
    let merged = try #require(throws: PackageError.self) {
      try read(text + "<<<<<<< ours\nchecksum: \"a\"\n")
    }
    #expect(merged.message.contains("a merge left its marks"), "\(merged)")
  }

  @Test func aLockThatMissesSomethingIsNotWhole() throws {
    var lock = try lock()
    try lock.requireComplete()
    let waves = try PackageName("acme/waves")
    lock[waves]?.version = try SemanticVersion("1.1.0")
    #expect(throws: PackageError.self) { try lock.requireComplete() }
    lock[waves] = nil
    let error = try #require(throws: PackageError.self) { try lock.requireComplete() }
    #expect(error.message == "acme/rotate needs acme/waves ^1.2, which is not there")
  }

  @Test func whatNobodyNeedsIsLeftOut() throws {
    var lock = try lock()
    #expect(lock.removeUnneeded().isEmpty)
    lock[try PackageName("acme/rotate")]?.request = nil
    #expect(lock.removeUnneeded().map(\.description) == ["acme/rotate", "acme/waves"])
    #expect(lock.packages.isEmpty)
  }
}

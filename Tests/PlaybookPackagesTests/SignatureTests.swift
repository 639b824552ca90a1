import Foundation
import GatewayTestSupport
import Testing

@testable import PlaybookPackages

/// Signatures by the host's `ssh-keygen`, with real keys.
@Suite(.timeLimit(.minutes(5))) struct SignatureTests {
  private func signed(_ folder: URL, by key: SigningKey) async throws -> Package {
    let package = try await PackageFiles.package(in: folder)
    let made = try await SignatureVerifier.sign(package, key: key.file)
    #expect(made.key == key.fingerprint)
    try Data(made.signature).write(to: folder.appending(path: "package.sig"))
    return try await PackageFiles.package(in: folder)
  }

  @Test func aSignatureTellsWhoMadeIt() async throws {
    try await withTemporaryFolder { folder in
      let key = try await SigningKey("ops", in: folder)
      let source = folder.appending(path: "rotate")
      try PackageFiles.writePackage(to: source)
      let unsigned = try await PackageFiles.package(in: source)
      let list = folder.appending(path: "allowed_signers")
      let verifier = SignatureVerifier(lists: [folder.path + "/none", list.path])
      #expect(try await verifier.status(of: unsigned) == .unsigned)
      let package = try await signed(source, by: key)
      #expect(package.tree == unsigned.tree, "the signature is not part of what it speaks for")
      #expect(try await verifier.status(of: package) == .unknownSigner(key: key.fingerprint))
      try key.allowed("ops@example.com").write(to: list, atomically: true, encoding: .utf8)
      let expected = PackageSigner(identity: "ops@example.com", key: key.fingerprint)
      #expect(try await verifier.status(of: package) == .signed(expected))
      // It survives being packed.
      let unpacked = try await PackageArchive.read(PackageArchive.pack(package), place: "x")
      #expect(try await verifier.status(of: unpacked) == .signed(expected))
    }
  }

  @Test func theListThatCountsMostIsAskedFirst() async throws {
    try await withTemporaryFolder { folder in
      let key = try await SigningKey("ops", in: folder)
      let source = folder.appending(path: "rotate")
      try PackageFiles.writePackage(to: source)
      let package = try await signed(source, by: key)
      let project = folder.appending(path: "project"), user = folder.appending(path: "user")
      try key.allowed("of-the-project").write(to: project, atomically: true, encoding: .utf8)
      try key.allowed("of-the-user").write(to: user, atomically: true, encoding: .utf8)
      let status = try await SignatureVerifier(lists: [project.path, user.path]).status(of: package)
      #expect(status.signer?.identity == "of-the-project")
    }
  }

  @Test(arguments: [
    "a byte of a file", "a file more", "the name", "the version", "a byte of the signature", "no signature at all",
  ])
  func whatWasChangedAfterItWasSignedIsRefused(_ change: String) async throws {
    try await withTemporaryFolder { folder in
      let key = try await SigningKey("ops", in: folder)
      let source = folder.appending(path: "rotate")
      try PackageFiles.writePackage(to: source)
      _ = try await signed(source, by: key)
      switch change {
      case "a byte of a file": try PackageFiles.write(["init.lua": "return { n = 2 }\n"], to: source)
      case "a file more": try PackageFiles.write(["more.lua": ""], to: source)
      case "the name": try PackageFiles.write(["package.yaml": "name: acme/rotated\nversion: 1.0.0\n"], to: source)
      case "the version": try PackageFiles.write(["package.yaml": "name: acme/rotate\nversion: 1.0.1\n"], to: source)
      case "a byte of the signature":
        var text = try String(contentsOf: source.appending(path: "package.sig"), encoding: .utf8)
        text.replace("\nU1NIU0lH", with: "\nU1NIU0lI")
        try PackageFiles.write(["package.sig": text], to: source)
      default: try PackageFiles.write(["package.sig": "nothing"], to: source)
      }
      let package = try await PackageFiles.package(in: source)
      let list = folder.appending(path: "allowed_signers")
      try key.allowed("ops").write(to: list, atomically: true, encoding: .utf8)
      let error = try await #require(throws: PackageError.self) {
        try await SignatureVerifier(lists: [list.path]).status(of: package)
      }
      #expect(error.kind == .refused && error.message.contains("is not over these files"), "\(error)")
    }
  }

  @Test func aSignatureMadeForSomethingElseDoesNotCount() async throws {
    try await withTemporaryFolder { folder in
      let key = try await SigningKey("ops", in: folder)
      let source = folder.appending(path: "rotate")
      try PackageFiles.writePackage(to: source)
      let text = PackageSignature.text(of: try await PackageFiles.package(in: source))
      let other = try await Programs.run(
        "ssh-keygen", ["-q", "-Y", "sign", "-f", key.file, "-n", "git"], in: folder, input: Array(text.utf8))
      try PackageFiles.write(["package.sig": other + "\n"], to: source)
      let package = try await PackageFiles.package(in: source)
      await #expect(throws: PackageError.self) { try await SignatureVerifier(lists: []).status(of: package) }
    }
  }

  @Test func whomTheListDoesNotAllowForPackagesOrAnyMoreIsUnknown() async throws {
    try await withTemporaryFolder { folder in
      let key = try await SigningKey("ops", in: folder)
      let source = folder.appending(path: "rotate")
      try PackageFiles.writePackage(to: source)
      let package = try await signed(source, by: key)
      let list = folder.appending(path: "allowed_signers")
      let verifier = SignatureVerifier(lists: [list.path])
      for (options, isAllowed) in [
        ("namespaces=\"apig-lua-package\" ", true), ("namespaces=\"git\" ", false),
        ("valid-before=\"20200101\" ", false), ("valid-after=\"20200101\" ", true),
      ] {
        try key.allowed("ops@example.com", options: options).write(to: list, atomically: true, encoding: .utf8)
        let signer = try await verifier.status(of: package).signer
        #expect((signer != nil) == isAllowed, "\(options)")
      }
    }
  }

  @Test func everyLineWithAKeyIsLookedAt() async throws {
    try await withTemporaryFolder { folder in
      let key = try await SigningKey("ops", in: folder), other = try await SigningKey("other", in: folder)
      let source = folder.appending(path: "rotate")
      try PackageFiles.writePackage(to: source)
      let package = try await signed(source, by: key)
      let list = folder.appending(path: "allowed_signers")
      // As teams have it that share git's list.
      let text =
        "# git and packages\n\n" + other.allowed("c@example.com")
        + key.allowed("a@example.com", options: "namespaces=\"git\" ")
        + key.allowed("!bad@example.com,b@example.com", options: "namespaces=\"apig-lua-package\" ")
      try text.write(to: list, atomically: true, encoding: .utf8)
      let status = try await SignatureVerifier(lists: [list.path]).status(of: package)
      #expect(status == .signed(PackageSigner(identity: "b@example.com", key: key.fingerprint)))
    }
  }

  @Test func whyAKeyDoesNotCountIsTold() async throws {
    try await withTemporaryFolder { folder in
      let key = try await SigningKey("ops", in: folder)
      let source = folder.appending(path: "rotate")
      try PackageFiles.writePackage(to: source)
      let package = try await signed(source, by: key)
      let list = folder.appending(path: "allowed_signers").path
      let verifier = SignatureVerifier(lists: [list])
      try ("#\n" + key.allowed("ops", options: "valid-before=\"20200101\" "))
        .write(toFile: list, atomically: true, encoding: .utf8)
      let expired = try await verifier.status(of: package)
      #expect(expired.description.contains("\(list):2: "), "\(expired)")
      #expect(expired.description.contains("expired"), "\(expired)")
      try FileManager.default.removeItem(atPath: list)
      try FileManager.default.createDirectory(atPath: list, withIntermediateDirectories: true)
      let unreadable = try await verifier.status(of: package)
      #expect(unreadable.description.contains("\(list) is no regular file"), "\(unreadable)")
      // What is locked is told apart from what somebody else has signed.
      let origin = PackageOrigin(location: .folder("../rotate"))
      let locked = LockedPackage(
        name: package.name, version: package.version, request: nil, origin: origin, digest: package.tree.digest,
        signer: PackageSigner(identity: "ops", key: key.fingerprint), permissions: [], dependencies: [:])
      let error = try #require(throws: PackageError.self) { try locked.require(expired) }
      #expect(error.kind == .refused && error.message.contains("expired"), "\(error)")
      #expect(error.hint?.contains("allowed_signers") == true)
      try locked.require(.signed(PackageSigner(identity: "renamed", key: key.fingerprint)))
    }
  }

  @Test func aKeyThatCannotSignIsToldSo() async throws {
    try await withTemporaryFolder { folder in
      let source = folder.appending(path: "rotate")
      try PackageFiles.writePackage(to: source)
      let package = try await PackageFiles.package(in: source)
      let error = try await #require(throws: PackageError.self) {
        try await SignatureVerifier.sign(package, key: folder.path + "/none")
      }
      #expect(error.kind == .unavailable && error.place == folder.path + "/none" && error.hint != nil)
    }
  }
}

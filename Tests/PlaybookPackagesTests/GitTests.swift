import Foundation
import GatewayTestSupport
import Testing

@testable import PlaybookPackages

/// Packages in git repositories: what is found, and that nothing of a repository runs.
@Suite(.timeLimit(.minutes(5))) struct GitTests {
  private func reader(_ folder: URL) -> SourceReader {
    SourceReader(folder: folder.path, gitCache: folder.appending(path: "cache").path) { _, _ in
      throw PackageError(.unavailable, "nothing is downloaded here")
    }
  }

  @Test func tagsBranchesAndCommitsAreFound() async throws {
    try await withTemporaryFolder { folder in
      let server = try await GitServer(in: folder.appending(path: "rotate"))
      let first = try await server.publish(version: "1.0.0")
      let second = try await server.publish(version: "1.1.0", code: "return 2")
      try await server.git("tag", "-a", "-m", "annotated", "2.0.0-rc.1")
      try await server.git("branch", "next", first)
      let reader = reader(folder)
      let all = try await reader.releases(of: PackageSource(server.source))
      #expect(all.map { $0.version?.description } == ["2.0.0-rc.1", "1.1.0", "1.0.0"])
      #expect(all.map(\.origin.commit) == [second, second, first])
      let branch = try await reader.releases(of: PackageSource(server.source + "@next"))
      #expect(branch.map(\.origin.reference) == ["refs/heads/next"] && branch[0].origin.commit == first)
      let tag = try await reader.releases(of: PackageSource(server.source + "@v1.1.0"))
      #expect(tag[0].origin.reference == "refs/tags/v1.1.0")
      let commit = try await reader.releases(of: PackageSource("\(server.source)@\(first)"))
      #expect(try await reader.package(of: commit[0]).version.description == "1.0.0")
      #expect(try await reader.package(of: tag[0]).tree["init.lua"] == Array("return 2\n".utf8))
      let none = try await #require(throws: PackageError.self) {
        try await reader.releases(of: PackageSource(server.source + "@nexd"))
      }
      #expect(none.hint == "did you mean 'next'?")
    }
  }

  @Test func aTagThatHoldsAnotherVersionIsRefused() async throws {
    try await withTemporaryFolder { folder in
      let server = try await GitServer(in: folder.appending(path: "rotate"))
      try await server.publish(version: "1.0.0")
      try await server.git("tag", "v1.5.0")
      let release = try #require(try await reader(folder).releases(of: PackageSource(server.source)).first)
      let error = try await #require(throws: PackageError.self) { try await reader(folder).package(of: release) }
      #expect(error.message == "the tag refs/tags/v1.5.0 holds version 1.0.0 of acme/rotate")
      try await server.git("tag", "1.0.0", try await server.commit())
      let twice = try await #require(throws: PackageError.self) {
        try await reader(folder).releases(of: PackageSource(server.source))
      }
      #expect(twice.message.contains("one version and two commits"))
    }
  }

  @Test func aRepositoryWithoutVersionsWantsAName() async throws {
    try await withTemporaryFolder { folder in
      let server = try await GitServer(in: folder.appending(path: "rotate"))
      try PackageFiles.writePackage(to: server.folder)
      try await server.commit()
      let error = try await #require(throws: PackageError.self) {
        try await reader(folder).releases(of: PackageSource(server.source))
      }
      #expect(error.hint?.contains("@BRANCH") == true)
      let gone = try await #require(throws: PackageError.self) {
        try await reader(folder).releases(of: PackageSource(server.source + "-gone"))
      }
      #expect(gone.kind == .unavailable && gone.place == server.source + "-gone", "\(gone)")
    }
  }

  @Test func aCommitThatIsNoneSpoilsNothing() async throws {
    try await withTemporaryFolder { folder in
      let server = try await GitServer(in: folder.appending(path: "rotate"))
      try await server.publish(version: "1.0.0")
      let digest = String(repeating: "ab", count: 32)
      let none = try #require(try await reader(folder).releases(of: PackageSource("\(server.source)@\(digest)")).first)
      await #expect(throws: PackageError.self) { try await reader(folder).package(of: none) }
      let release = try #require(try await reader(folder).releases(of: PackageSource(server.source)).first)
      #expect(try await reader(folder).package(of: release).version.description == "1.0.0")
    }
  }

  @Test func aRepositoryOfSHA256IsReadToo() async throws {
    try await withTemporaryFolder { folder in
      let place = folder.appending(path: "rotate")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try await Programs.run("git", ["init", "-q", "-b", "main", "--object-format=sha256"], in: place)
      let server = try await GitServer(in: place)
      let commit = try await server.publish(version: "1.0.0")
      try #require(commit.utf8.count == 64)
      let release = try #require(try await reader(folder).releases(of: PackageSource(server.source)).first)
      #expect(release.origin.commit == commit)
      #expect(try await reader(folder).package(of: release).version.description == "1.0.0")
    }
  }

  @Test func aLinkThatTheManifestLeavesOutDoesNoHarm() async throws {
    try await withTemporaryFolder { folder in
      let server = try await GitServer(in: folder.appending(path: "rotate"))
      try PackageFiles.write(["docs/v2/index.html": "x"], to: server.folder)
      try FileManager.default.createSymbolicLink(
        atPath: server.folder.appending(path: "docs/latest").path, withDestinationPath: "v2")
      try await server.publish(version: "1.0.0")
      let release = try #require(try await reader(folder).releases(of: PackageSource(server.source)).first)
      let package = try await reader(folder).package(of: release)
      #expect(package.tree.files.map(\.name) == ["init.lua", "package.yaml"])
    }
  }

  /// Everything in a repository that makes `git` run a program when it is checked out, fetched or looked at.
  @Test func nothingOfARepositoryRuns() async throws {
    try await withTemporaryFolder { folder in
      let server = try await GitServer(in: folder.appending(path: "rotate"))
      let mark = folder.appending(path: "ran").path
      try PackageFiles.write(
        [
          ".gitattributes": "*.lua filter=evil diff=evil merge=evil export-subst\n",
          ".gitconfig": "[core]\n\tfsmonitor = touch \(mark)\n",
        ], to: server.folder)
      let commit = try await server.publish(version: "1.0.0", code: "-- $Format:%H$")
      for hook in ["post-checkout", "post-upload-pack", "pre-auto-gc", "reference-transaction", "post-update"] {
        try PackageFiles.write([".git/hooks/\(hook)": "#!/bin/sh\ntouch \(mark)\n"], to: server.folder)
        try FileManager.default.setAttributes(
          [.posixPermissions: 0o755], ofItemAtPath: server.folder.appending(path: ".git/hooks/\(hook)").path)
      }
      let reader = reader(folder)
      let release = try #require(try await reader.releases(of: PackageSource(server.source)).first)
      let package = try await reader.package(of: release)
      #expect(package.tree["init.lua"] == Array("-- $Format:%H$\n".utf8), "as it was committed")
      #expect(release.origin.commit == commit)
      #expect(!FileManager.default.fileExists(atPath: mark))
    }
  }

  @Test(arguments: ["link", "submodule"]) func whatIsNoFileIsRefused(_ what: String) async throws {
    try await withTemporaryFolder { folder in
      let server = try await GitServer(in: folder.appending(path: "rotate"))
      try PackageFiles.writePackage(to: server.folder)
      if what == "link" {
        try FileManager.default.createSymbolicLink(
          atPath: server.folder.appending(path: "odd.lua").path, withDestinationPath: "/etc/passwd")
      } else {
        let other = try await GitServer(in: folder.appending(path: "other"))
        try await other.commit()
        try await server.git("submodule", "--quiet", "add", other.folder.path, "odd.lua")
      }
      try await server.commit()
      let reader = reader(folder)
      let release = try #require(try await reader.releases(of: PackageSource(server.source + "@main")).first)
      let error = try await #require(throws: PackageError.self) { try await reader.package(of: release) }
      #expect(error.message.contains("'odd.lua' is a \(what == "link" ? "symbolic link" : what)"), "\(error)")
    }
  }

  @Test func aBranchAndATagOfOneNameAreToldApart() async throws {
    try await withTemporaryFolder { folder in
      let server = try await GitServer(in: folder.appending(path: "rotate"))
      let first = try await server.publish(version: "1.0.0")
      try await server.git("tag", "next")
      try await server.publish(version: "1.1.0")
      try await server.git("branch", "next")
      let reader = reader(folder)
      let error = try await #require(throws: PackageError.self) {
        try await reader.releases(of: PackageSource(server.source + "@next"))
      }
      #expect(error.kind == .usage && error.message == "'next' is a tag and a branch")
      let tag = try await reader.releases(of: PackageSource(server.source + "@refs/tags/next"))
      #expect(tag[0].origin.commit == first)
    }
  }
}

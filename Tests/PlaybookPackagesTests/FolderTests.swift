import Foundation
import GatewayTestSupport
import Glibc
import Testing

@testable import PlaybookPackages

/// Reading a package's folder, and the digest of what is in it.
@Suite(.timeLimit(.minutes(5))) struct FolderTests {
  @Test func theDigestIsThatOfTheDocumentedForm() async throws {
    try await withTemporaryFolder { folder in
      try PackageFiles.write(
        ["package.yaml": "name: a/b\nversion: 1.0.0\n", "lib/x.lua": "return 'ä'\n", "init.lua": ""], to: folder)
      let package = try await PackageFiles.package(in: folder)
      let form =
        "apig-lua package tree 1\n8:init.lua,0:,9:lib/x.lua,12:return 'ä'\n,"
        + "12:package.yaml,25:name: a/b\nversion: 1.0.0\n,"
      let sum = try await Programs.run("sha256sum", [], in: folder, input: Array(form.utf8))
      #expect(sum.hasPrefix(package.tree.digest + " "))
    }
  }

  @Test func timesOwnersModesAndHiddenFilesCountForNothing() async throws {
    try await withTemporaryFolder { folder in
      try PackageFiles.writePackage(to: folder)
      let before = try await PackageFiles.package(in: folder).tree.digest
      try PackageFiles.write(
        [".git/config": "x", "lib/.cache.lua": "x", "notes.txt": "x", "package.sig": "x"], to: folder)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 0), .posixPermissions: 0o755],
        ofItemAtPath: folder.appending(path: "init.lua").path)
      #expect(try await PackageFiles.package(in: folder).tree.digest == before)
      try PackageFiles.write(["lib/more.lua": ""], to: folder)
      #expect(try await PackageFiles.package(in: folder).tree.digest != before)
    }
  }

  @Test func modulesAreFoundByTheirNames() async throws {
    try await withTemporaryFolder { folder in
      try PackageFiles.writePackage(to: folder)
      try PackageFiles.write(["waves.lua": "w", "lib/init.lua": "l", "lib/probe.lua": "p"], to: folder)
      let package = try await PackageFiles.package(in: folder)
      #expect(package.module("acme.rotate")?.file == "init.lua")
      #expect(package.module("acme.rotate.waves")?.content == Array("w".utf8))
      #expect(package.module("acme.rotate.lib")?.file == "lib/init.lua")
      #expect(package.module("acme.rotate.lib.probe")?.file == "lib/probe.lua")
      for name in ["acme.rotate.none", "acme", "acme.rotated", "acme.rotate...etc", "acme.rotate./etc/passwd"] {
        #expect(package.module(name) == nil, "\(name)")
      }
    }
  }

  @Test(arguments: ["link", "folder link", "fifo", "case", "control", "bytes", "device"])
  func whatAPackageCannotHoldIsRefused(_ what: String) async throws {
    try await withTemporaryFolder { folder in
      try PackageFiles.writePackage(to: folder)
      let path = folder.appending(path: "odd.lua").path
      let expected: String
      switch what {
      case "link":
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/passwd")
        expected = "'odd.lua' is a symbolic link"
      case "folder link":
        try FileManager.default.createSymbolicLink(
          atPath: folder.appending(path: "lib").path, withDestinationPath: "/etc")
        expected = "'lib' is a symbolic link"
      case "fifo", "device":
        try #require(mkfifo(path, 0o600) == 0)
        expected = "'odd.lua' is no regular file"
      case "case":
        try PackageFiles.write(["Init.lua": "x"], to: folder)
        expected = "'Init.lua' and 'init.lua' are one name"
      case "control":
        try PackageFiles.write(["a\u{1B}[2J.lua": "x"], to: folder)
        expected = "characters that cannot be seen"
      default:
        let descriptor = open(folder.path + "/" + "odd", O_CREAT | O_WRONLY, 0o600)
        close(descriptor)
        var bytes = Array((folder.path + "/").utf8CString.dropLast())
        bytes += [CChar(bitPattern: 0xFF), CChar(bitPattern: 0xFE), 0]
        try #require(rename(folder.path + "/odd", bytes) == 0)
        expected = "no UTF-8"
      }
      let error = try await #require(throws: PackageError.self) { try await PackageFiles.package(in: folder) }
      #expect(error.kind == .refused && error.message.contains(expected), "\(error)")
    }
  }

  @Test func limitsAreToldBeforeMemoryIsGone() async throws {
    try await withTemporaryFolder { folder in
      try PackageFiles.writePackage(to: folder)
      let big = folder.appending(path: "big.lua").path
      try #require(FileManager.default.createFile(atPath: big, contents: nil))
      try #require(truncate(big, 1 << 40) == 0)
      let error = try await #require(throws: PackageError.self) { try await PackageFiles.package(in: folder) }
      #expect(error.message == "big.lua is larger than 1 MiB")
      try FileManager.default.removeItem(atPath: big)
      for number in 0...PackageTree.maximumCount {
        try #require(FileManager.default.createFile(atPath: folder.path + "/m\(number).lua", contents: nil))
      }
      let many = try await #require(throws: PackageError.self) { try await PackageFiles.package(in: folder) }
      #expect(many.message.contains("files, more than 1000"))
    }
  }

  @Test func aFolderThatIsNoPackageIsToldSo() async throws {
    try await withTemporaryFolder { folder in
      let none = try await #require(throws: PackageError.self) { try await PackageFiles.package(in: folder) }
      #expect(none.message.contains("there is no package.yaml"))
      let gone = try await #require(throws: PackageError.self) {
        try await PackageFiles.package(in: folder.appending(path: "gone"))
      }
      #expect(gone.kind == .usage)
      try PackageFiles.writePackage(lines: ["entry_points: { main: main.lua }"], to: folder)
      let entry = try await #require(throws: PackageError.self) { try await PackageFiles.package(in: folder) }
      #expect(entry.message == "the entry point 'main' is main.lua, which is no file of the package")
    }
  }
}

import Foundation
import GatewayTestSupport
import Testing

@testable import PlaybookPackages

/// Archives: equal whoever makes them, and refused where no honest program would have made them.
@Suite(.timeLimit(.minutes(5))) struct ArchiveTests {
  private func package(in folder: URL) async throws -> Package {
    try PackageFiles.writePackage(to: folder)
    try PackageFiles.write(
      [
        "lib/waves.lua": String(repeating: "-- a line of a module\n", count: 5000), "README.md": "",
        String(repeating: "long/", count: 11) + String(repeating: "n", count: 70) + ".lua": "x",
        "package.sig": "signed",
      ], to: folder)
    return try await PackageFiles.package(in: folder)
  }

  @Test func whatIsPackedIsReadAsItWas() async throws {
    try await withTemporaryFolder { folder in
      let package = try await package(in: folder)
      let read = try await PackageArchive.read(PackageArchive.pack(package), place: "x.tar.gz")
      #expect(read == package && read.signature == Array("signed".utf8))
      #expect(PackageArchive.fileName(of: package) == "acme-rotate-1.0.0.tar.gz")
    }
  }

  @Test func theBytesAreTheSameWhereverAndWheneverItIsMade() async throws {
    try await withTemporaryFolder { folder in
      let one = folder.appending(path: "one"), other = folder.appending(path: "other")
      let first = PackageArchive.pack(try await package(in: one))
      _ = try await package(in: other)
      for name in try PackageFiles.names(below: other) {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: other.appending(path: name).path)
      }
      #expect(PackageArchive.pack(try await PackageFiles.package(in: other)) == first)
    }
  }

  @Test func everyTarReadsIt() async throws {
    try await withTemporaryFolder { folder in
      let source = folder.appending(path: "source")
      let package = try await package(in: source)
      let file = folder.appending(path: "x.tar.gz")
      try Data(PackageArchive.pack(package)).write(to: file)
      let target = folder.appending(path: "target")
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      #expect(try await Programs.run("tar", ["-xzvf", file.path], in: target).contains("package/lib/waves.lua"))
      let unpacked = try await PackageFiles.package(in: target.appending(path: "package"))
      #expect(unpacked == package)
    }
  }

  @Test func archivesOfOthersAreReadToo() async throws {
    try await withTemporaryFolder { folder in
      let source = folder.appending(path: "source")
      let package = try await package(in: source)
      try PackageFiles.write([".github/workflow.yml": "x", "Makefile": "x"], to: source)
      let file = folder.appending(path: "x.tar.gz").path
      try await Programs.run("tar", ["--format=ustar", "-czf", file, "source"], in: folder)
      #expect(try await PackageArchive.read(file: file).tree == package.tree)
      // With the comment at its beginning that `git archive` writes.
      try await Programs.run("git", ["init", "-q"], in: source)
      try await Programs.run("git", ["add", "."], in: source)
      try await Programs.run(
        "git", ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "x"], in: source)
      try await Programs.run("git", ["archive", "--prefix=rotate-1/", "-o", file, "HEAD"], in: source)
      #expect(try await PackageArchive.read(file: file).tree == package.tree)
    }
  }

  @Test func anArchiveOfAWholeFolderIsReadToo() async throws {
    try await withTemporaryFolder { folder in
      let source = folder.appending(path: "source")
      let package = try await package(in: source)
      let file = folder.appending(path: "x.tar.gz").path
      try await Programs.run("tar", ["--format=ustar", "-C", source.path, "-czf", file, "."], in: folder)
      #expect(try await PackageArchive.read(file: file).tree == package.tree)
    }
  }

  @Test func aDotWithAnAccentIsADotToo() async throws {
    let tar = HostileTar.package(adding: HostileTar.file("package/.\u{301}h.lua"))
    let package = try await PackageArchive.read(Gzip.pack(tar.bytes), place: "x")
    #expect(package.tree.files.map(\.name) == ["init.lua", "package.yaml"])
  }

  private static let hostile: [(String, HostileTar, String)] = {
    typealias Entry = HostileTar.Entry
    let zeros = [UInt8](repeating: 0, count: 512)
    var late = HostileTar.package()
    late.end += Array("more".utf8) + zeros
    var cut = HostileTar.package()
    cut.end = []
    return [
      ("parent", .package(adding: HostileTar.file("package/../../evil.lua")), "it leads elsewhere with '..'"),
      ("only parent", .package(adding: HostileTar.file("..")), "it leads elsewhere with '..'"),
      ("dot", .package(adding: HostileTar.file("package/./x.lua")), "it leads elsewhere with '.'"),
      ("absolute", .package(adding: HostileTar.file("/etc/evil.lua")), "it is absolute"),
      ("absolute prefix", .package(adding: Entry(name: "evil.lua", prefix: "/etc")), "it is absolute"),
      ("backslash", .package(adding: HostileTar.file("package\\..\\evil.lua")), "it holds a backslash"),
      (
        "symbolic link", .package(adding: Entry(name: "package/l.lua", kind: "2", link: "/etc/passwd")),
        "a symbolic link"
      ),
      ("hard link", .package(adding: Entry(name: "package/l.lua", kind: "1", link: "/etc/passwd")), "a hard link"),
      ("character device", .package(adding: Entry(name: "package/d", kind: "3")), "a device"),
      ("block device", .package(adding: Entry(name: "package/d", kind: "4")), "a device"),
      ("FIFO", .package(adding: Entry(name: "package/f", kind: "6")), "a FIFO"),
      ("contiguous", .package(adding: Entry(name: "package/f", kind: "7")), "of a kind that"),
      ("sparse", .package(adding: Entry(name: "package/s", kind: "S")), "a sparse file"),
      ("GNU name", .package(adding: Entry(name: "././@LongLink", kind: "L", content: zeros)), "a GNU extension"),
      ("GNU link", .package(adding: Entry(name: "././@LongLink", kind: "K", content: zeros)), "a GNU extension"),
      (
        "pax", .package(adding: Entry(name: "p", kind: "x", content: Array("20 path=../evil.lua\n".utf8))),
        "a pax header"
      ),
      (
        "pax global", .package(adding: Entry(name: "p", kind: "g", content: Array("20 path=../evil.lua\n".utf8))),
        "a pax header"
      ),
      ("GNU magic", .package(adding: Entry(magic: "ustar  \u{0}")), "not of the ustar form"),
      (
        "twice", .package(adding: HostileTar.file("package/init.lua", "evil")),
        "'package/init.lua' is there more than once"
      ),
      ("case", .package(adding: HostileTar.file("package/INIT.lua", "evil")), "are one name on some file systems"),
      ("case of a folder", .package(adding: HostileTar.file("Package/x.lua")), "are one name on some file systems"),
      ("file and folder", .package(adding: HostileTar.file("package/init.lua/x.lua")), "is a file and a folder"),
      ("accents", .package(adding: HostileTar.file("package/e\u{301}.lua")), "not composed"),
      // To a string, a slash or a dot with something joined to it is another character; to the kernel it is not.
      (
        "joined parent", .package(adding: HostileTar.file("package/x\u{D4E}/../\u{301}b.lua")),
        "it leads elsewhere with '..'"
      ),
      ("joined slash", .package(adding: HostileTar.file("package/\u{301}b.lua")), "joins another character"),
      ("joined slashes", .package(adding: HostileTar.file("package//\u{301}b.lua")), "a part of it is empty"),
      ("prepended slash", .package(adding: HostileTar.file("package/x\u{D4E}/b.lua")), "joins another character"),
      (
        "long s", .package(adding: HostileTar.file("package/\u{17F}.lua"), HostileTar.file("package/s.lua")), "one name"
      ),
      ("stream", .package(adding: HostileTar.file("package/a:b.lua")), "Windows has no names with ':'"),
      ("device", .package(adding: HostileTar.file("package/lib/Con.lua")), "Windows has a device 'con'"),
      (
        "long comment",
        .package(
          adding: Entry(
            name: "p", kind: "g", content: Array("5000 comment=\(String(repeating: "a", count: 4986))\n".utf8))),
        "a pax header"
      ),
      ("control", .package(adding: HostileTar.file("package/a\u{1B}[31m.lua")), "characters that cannot be seen"),
      ("direction", .package(adding: HostileTar.file("package/a\u{202E}aul.lua")), "characters that cannot be seen"),
      ("blank at the end", .package(adding: HostileTar.file("package/a.lua ")), "begins or ends with a blank"),
      ("behind the name", .package(adding: HostileTar.file("package/a\u{0}.lua")), "goes on behind its end"),
      ("no name", .package(adding: HostileTar.file("")), "the name is empty"),
      (
        "long",
        .package(adding: Entry(name: String(repeating: "x", count: 99), prefix: String(repeating: "y", count: 150))),
        "longer than"
      ),
      ("deep", .package(adding: HostileTar.file(String(repeating: "a/", count: 20) + "x.lua")), "folders deep"),
      ("checksum", .package(adding: Entry(checksum: "0000001\u{0}")), "a header's checksum is wrong"),
      ("huge", .package(adding: Entry(name: "package/h.lua", size: "77777777777")), "cut off in 'package/h.lua'"),
      ("base 256", .package(adding: Entry(size: "\u{7F}\u{1}")), "size is no number"),
      ("negative", .package(adding: Entry(size: "-0000000001")), "size is no number"),
      ("folder with content", .package(adding: Entry(name: "package/d/", kind: "5", content: zeros)), "has content"),
      ("folder elsewhere", .package(adding: Entry(name: "../d/", kind: "5")), "leads elsewhere"),
      ("behind the end", late, "behind the end of the archive"),
      ("no end", cut, "its end is missing"),
      ("no manifest", HostileTar([HostileTar.file("package/init.lua")]), "there is no package.yaml"),
      ("nothing", HostileTar([]), "there is no package.yaml"),
    ]
  }()

  @Test(arguments: hostile.indices) func whatNoHonestProgramMakesIsRefused(_ index: Int) async throws {
    let (name, tar, reason) = Self.hostile[index]
    try await withTemporaryFolder { folder in
      // Compressed as others do it, and as this does.
      for bytes in [try await Programs.gzip(tar.bytes, in: folder), Gzip.pack(tar.bytes)] {
        let error = try await #require(throws: PackageError.self, "\(name)") {
          try await PackageArchive.read(bytes, place: "evil.tar.gz")
        }
        #expect(error.message.contains(reason), "\(name): \(error)")
        #expect(error.place == "evil.tar.gz" && [.refused, .malformed].contains(error.kind), "\(name): \(error)")
      }
    }
  }

  @Test func aBillionZerosAreNotUnpacked() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "zeros")
      try #require(FileManager.default.createFile(atPath: file.path, contents: nil))
      try #require(truncate(file.path, 1 << 30) == 0)
      try await Programs.run("gzip", ["-1", file.path], in: folder)
      let error = try await #require(throws: PackageError.self) {
        try await PackageArchive.read(file: file.path + ".gz")
      }
      #expect(error.message == "it unpacks to more than 32 MiB")
      let many = HostileTar(
        (0..<6000).map { HostileTar.file("package/m\($0).lua", "") } + [HostileTar.file("package/package.yaml")])
      let crowd = try await #require(throws: PackageError.self) {
        try await PackageArchive.read(Gzip.pack(many.bytes), place: "x")
      }
      #expect(crowd.message == "the archive holds more than 5000 entries")
      let folders = HostileTar.package(
        adding: (0..<5000).map { HostileTar.Entry(name: "package/d\($0)/", kind: "5") })
      let empty = try await #require(throws: PackageError.self) {
        try await PackageArchive.read(Gzip.pack(folders.bytes), place: "x")
      }
      #expect(empty.message == "the archive holds more than 5000 entries")
    }
  }

  @Test func everyCutAndEveryChangedByteIsFound() async throws {
    try await withTemporaryFolder { folder in
      try PackageFiles.writePackage(to: folder)
      let package = try await PackageFiles.package(in: folder)
      for whole in [
        PackageArchive.pack(package),
        try await Programs.gzip(Gzip.unpack(PackageArchive.pack(package), limit: 1 << 20), in: folder),
      ] {
        for length in stride(from: 0, to: whole.count, by: 13) {
          await #expect(throws: PackageError.self, "\(length) of \(whole.count)") {
            try await PackageArchive.read(Array(whole.prefix(length)), place: "x")
          }
        }
        await #expect(throws: PackageError.self) { try await PackageArchive.read(whole + [0], place: "x") }
        await #expect(throws: PackageError.self) { try await PackageArchive.read(whole + whole, place: "x") }
        for position in stride(from: 0, to: whole.count, by: 7) {
          var changed = whole
          changed[position] ^= 0x20
          // What says nothing of the content may change: the header's time and operating system.
          if let read = try? await PackageArchive.read(changed, place: "x") {
            #expect(read == package && (3..<10).contains(position), "\(position)")
          }
        }
      }
    }
  }

  /// Every byte of a header as something else, with a checksum that fits: what is read is a file of a good name, or
  /// nothing.
  @Test func noByteOfAHeaderDoesHarm() async throws {
    let tar = HostileTar.package(adding: HostileTar.file("package/lib/x.lua")).bytes
    let header = 4 * TarHeader.blockSize
    try #require(tar[header...].starts(with: Array("package/lib/x.lua".utf8)))
    for position in 0..<TarHeader.blockSize where !(148..<156).contains(position) {
      for byte in Array("\u{0}./7 A\u{7F}".utf8) + [0xFF] {
        var changed = tar
        changed[header + position] = byte
        let sum = changed[header..<header + TarHeader.blockSize].enumerated().reduce(0) {
          $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
        }
        let text = String(sum, radix: 8)
        changed.replaceSubrange(
          header + 148..<header + 154, with: Array((String(repeating: "0", count: 6 - text.count) + text).utf8))
        guard let package = try? await PackageArchive.read(Gzip.pack(changed), place: "x") else { continue }
        for file in package.tree.files {
          #expect(
            !file.name.hasPrefix("/") && !file.name.split(separator: "/").contains(".."), "\(position): \(file.name)")
        }
        #expect(package.tree["init.lua"] == Array("return 1".utf8), "\(position), \(byte)")
      }
    }
  }

  @Test func aFileThatIsNoArchiveIsToldSo() async throws {
    try await withTemporaryFolder { folder in
      for (text, reason) in [("", "no gzip file"), ("name: a/b", "no gzip file")] {
        let error = try await #require(throws: PackageError.self) {
          try await PackageArchive.read(Array(text.utf8), place: "x")
        }
        #expect(error.message.contains(reason))
      }
      let gone = try await #require(throws: PackageError.self) {
        try await PackageArchive.read(file: folder.path + "/gone.tar.gz")
      }
      #expect(gone.kind == .usage)
      let folderError = try await #require(throws: PackageError.self) {
        try await PackageArchive.read(file: folder.path)
      }
      #expect(folderError.message.contains("no regular file"))
    }
  }
}

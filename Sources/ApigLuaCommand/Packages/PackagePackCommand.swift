internal import ArgumentParser
internal import Foundation
internal import GatewayAPI
internal import PlaybookPackages

/// `apig-lua pkg pack`: a package as one file.
struct PackagePackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack", abstract: "Makes an archive of a package: the same bytes whoever makes it.",
    discussion: """
      With --vendor, archives of every locked package go to .apig/vendor: committed with the project, they are all \
      that pkg install needs.
      """)

  @OptionGroup var flags: EngineFlags

  @Flag(help: "Archives of every package in apig.lock, into .apig/vendor.")
  var vendor = false

  @Option(help: ArgumentHelp("File to write; OWNER-NAME-VERSION.tar.gz unless given.", valueName: "file"))
  var out: String?

  @Argument(help: ArgumentHelp("Folder of the package; this one if none is given.", valueName: "dir"))
  var folder: String?

  func validate() throws {
    if vendor, folder != nil || out != nil { throw ValidationError("--vendor takes neither a folder nor --out") }
  }

  func run() async throws {
    try await reporting(flags.options) { settings, style in
      let place = try PackageWorkplace(settings)
      var made: [(path: String, package: Package)] = []
      if vendor {
        for locked in try place.home.readLock().packages {
          let package = try await place.manager.package(locked)
          made.append((try place.manager.store.vendor(package), package))
        }
      } else {
        let package = try await Package.read(folder: folder ?? ".", from: ProcessFacts.current.folder)
        let path = out ?? PackageArchive.fileName(of: package)
        try Self.write(PackageArchive.pack(package), to: path)
        made.append((path, package))
      }
      let rows = made.map {
        [$0.path, $0.package.name.description, $0.package.version.description, $0.package.tree.digest]
      }
      let columns = ["file", "package", "version", "sha256"]
      let documents = rows.map { row in
        Document.object(Dictionary(uniqueKeysWithValues: zip(columns, row.map(Document.string))))
      }
      let result = CommandResult(
        event: "archive", document: .array(documents), table: DataTable(columns: columns, rows: rows))
      try await result.write(settings) { made.map { $0.path + "\n" }.joined() }
      if settings.output == .table, !settings.isQuiet {
        for (_, package) in made where package.signature == nil {
          StandardStream.error.write(
            "\(package.name) is not signed: apig-lua pkg sign signs it, for those who want to know whose it is\n")
        }
      }
      return .ok
    }
  }

  /// Replaces an archive, and nothing else.
  private static func write(_ archive: [UInt8], to path: String) throws {
    if let present = FileManager.default.contents(atPath: path), !present.starts(with: [0x1F, 0x8B]) {
      throw UsageError(
        message: "\(path) is there already and is no archive", hint: "--out takes a new file, or an archive's")
    }
    try ReplaceableFile(path: path).write(archive)
  }
}

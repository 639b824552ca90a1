internal import ArgumentParser
internal import GatewayAPI
internal import PlaybookPackages

/// `apig-lua pkg verify`: makes sure that packages are what was locked and signed.
struct PackageVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Makes sure that packages are what was locked, and signed by whom they were.",
    discussion: """
      Every byte of what is installed is looked at; nothing is fetched. A file or a folder that is named (FILE.tar.gz, \
      ./rotate) is looked at alone: its signature, and that it is what is locked if its name is in apig.lock.
      """)

  @OptionGroup var flags: EngineFlags
  @OptionGroup var home: PackageHomeOptions

  @Argument(
    help: ArgumentHelp("Packages, archives or folders; every installed package if none is given.", valueName: "package")
  )
  var packages: [String] = []

  private struct Finding {
    let name: String
    let version: String
    let signature: String
    let error: PackageError?

    var document: Document {
      var members: [String: Document] = [
        "package": .string(name), "version": .string(version), "signature": .string(signature),
        "ok": .boolean(error == nil),
      ]
      members["error"] = error.map { .string($0.message) }
      return .object(members)
    }
  }

  func run() async throws {
    try await reporting(flags.options) { settings, style in
      let place = try PackageWorkplace(settings, isGlobal: home.global)
      let lock = try place.home.readLock()
      var findings: [Finding] = []
      if packages.isEmpty {
        try lock.requireComplete()
        for package in lock.packages { findings.append(try await installed(package, place.manager)) }
        findings += place.manager.strays(of: lock).map { name in
          Finding(
            name: name.description, version: "", signature: "",
            error: PackageError(
              .refused, "\(name) is installed, and apig.lock does not have it", hint: "remove it, or add it"))
        }
      }
      for text in packages { findings.append(try await named(text, place, lock)) }
      let rows = findings.map { [$0.error == nil ? "ok" : "refused", $0.name, $0.version, $0.signature] }
      let result = CommandResult(
        event: "package", document: .array(findings.map(\.document)),
        table: DataTable(columns: ["state", "package", "version", "signature"], rows: rows))
      try await result.write(settings) { TextTable(columns: [], rows: rows, indent: "").bodyText }
      if settings.output == .table, rows.isEmpty { StandardStream.error.write("there is nothing to verify\n") }
      for finding in findings {
        if let error = finding.error { StandardStream.error.write(ErrorReport(error: error, style: style).text) }
      }
      let errors = findings.compactMap(\.error)
      return errors.isEmpty ? .ok : errors.allSatisfy { $0.kind == .notInstalled } ? .configuration : .refused
    }
  }

  private func installed(_ package: LockedPackage, _ manager: PackageManager) async throws -> Finding {
    do {
      let status = try await manager.verify(package)
      return Finding(
        name: package.name.description, version: package.version.description, signature: status.description, error: nil)
    } catch let error as PackageError {
      return Finding(
        name: package.name.description, version: package.version.description, signature: "", error: error)
    }
  }

  private func named(_ text: String, _ place: PackageWorkplace, _ lock: PackageLock) async throws -> Finding {
    if let name = try? PackageName(text) {
      guard let package = lock[name] else {
        throw UsageError(message: "there is no package \(name) in apig.lock", hint: "./\(name) is a folder")
      }
      return try await installed(package, place.manager)
    }
    do {
      let package = try await Package.read(PackageSource(text), from: ProcessFacts.current.folder)
      let status = try await place.manager.signature(of: package)
      if let locked = lock[package.name], locked.version == package.version {
        try locked.require(package)
        try locked.require(status)
      }
      return Finding(
        name: package.name.description, version: package.version.description, signature: status.description, error: nil)
    } catch let error as PackageError where error.kind != .usage {
      return Finding(name: text, version: "", signature: "", error: error)
    }
  }
}

internal import ArgumentParser
internal import GatewayAPI
internal import PlaybookPackages

/// `apig-lua pkg list`: the packages of the project, and whether they are as they should be.
struct PackageListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the packages of the project, what they may do, and who signed them.")

  @OptionGroup var flags: EngineFlags
  @OptionGroup var home: PackageHomeOptions

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let place = try PackageWorkplace(settings, isGlobal: home.global)
      let lock = try place.home.readLock()
      var rows: [[String]] = []
      var documents: [Document] = []
      for package in lock.packages {
        let (state, signature) = try await state(of: package, place.manager)
        var signer = package.signer?.identity ?? ""
        if case .signedForProject? = signature { signer += " (allowed by the project)" }
        rows.append([
          package.name.description, package.version.description, state, signer,
          package.permissions.map(\.description).joined(separator: " "), PackageChangeText.origin(package.origin),
        ])
        var members = package.document.objectValue ?? [:]
        members["state"] = .string(state)
        members["signature"] = signature.map { .string($0.description) }
        documents.append(.object(members))
      }
      let columns = ["package", "version", "state", "signer", "permissions", "source"]
      let result = CommandResult(
        event: "package", document: .array(documents), table: DataTable(columns: columns, rows: rows))
      try await result.write(settings) {
        rows.isEmpty ? "" : TextTable(columns: columns, rows: rows, indent: "").text
      }
      if settings.output == .table, rows.isEmpty {
        StandardStream.error.write("there are no packages; apig-lua pkg add takes one into the project\n")
      }
      return .ok
    }
  }

  private func state(
    of package: LockedPackage, _ manager: PackageManager
  ) async throws -> (word: String, signature: SignatureStatus?) {
    do {
      return ("installed", try await manager.verify(package))
    } catch let error as PackageError {
      return (error.kind == .notInstalled ? "missing" : "refused", nil)
    }
  }
}

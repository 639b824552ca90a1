internal import ArgumentParser
internal import Foundation
internal import GatewayAPI
internal import PlaybookPackages

/// `apig-lua pkg sign`: says whose a package is.
struct PackageSignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Signs a package with an SSH key; the signature is package.sig beside its manifest.",
    discussion: """
      The signature is over name, version and the SHA-256 of all files, by ssh-keygen. Others take it when a line of \
      their allowed_signers has the key: .apig/allowed_signers of a project, or that of the user in \
      ~/.config/apig-lua.
      """)

  @OptionGroup var flags: EngineFlags

  @Option(
    help: ArgumentHelp(
      "Private key, or a public one that an agent has the private one of; ~/.ssh/id_ed25519 unless given.",
      valueName: "file"))
  var key: String?

  @Argument(help: ArgumentHelp("Folder of the package; this one if none is given.", valueName: "dir"))
  var folder: String?

  func run() async throws {
    try await reporting(flags.options) { settings, style in
      let base = ProcessFacts.current.folder
      let package = try await Package.read(folder: folder ?? ".", from: base)
      let key = try keyFile(settings.variables)
      let made = try await SignatureVerifier.sign(package, key: key)
      let file = (folder ?? ".") + "/" + PackageSignature.fileName
      try ReplaceableFile(path: file).write(made.signature)
      let document: Document = [
        "package": .string(package.name.description), "version": .string(package.version.description),
        "sha256": .string(package.tree.digest), "key": .string(made.key), "file": .string(file),
      ]
      let table = DataTable(
        columns: ["package", "version", "sha256", "key", "file"],
        rows: [[package.name.description, package.version.description, package.tree.digest, made.key, file]])
      try await CommandResult(event: "signature", document: document, table: table).write(settings) { file + "\n" }
      if settings.output == .table, !settings.isQuiet {
        StandardStream.error.write("\(style.good) \(package.name) \(package.version) is signed with \(made.key)\n")
        if let line = Self.publicKey(of: key) {
          StandardStream.error.write(
            "  whoever takes it allows it: echo 'YOU@EXAMPLE.COM \(line)' >> .apig/allowed_signers\n")
        }
      }
      return .ok
    }
  }

  private func keyFile(_ variables: EnvironmentVariables) throws -> String {
    if let key { return key }
    let usual = (variables["HOME"] ?? "") + "/.ssh/id_ed25519"
    guard FileManager.default.fileExists(atPath: usual) else {
      throw UsageError(message: "there is no \(usual)", hint: "name the key: --key FILE")
    }
    return usual
  }

  /// Type and key, as a list of allowed signers has them; nil where the public key lies elsewhere.
  private static func publicKey(of key: String) -> String? {
    let path = key.hasSuffix(".pub") ? key : key + ".pub"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    let parts = text.split(whereSeparator: \.isWhitespace).prefix(2)
    return parts.count == 2 ? parts.joined(separator: " ").withoutControlCharacters : nil
  }
}

internal import ArgumentParser

/// `apig-lua pkg`: playbooks of others, pinned to the byte.
struct PackageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pkg", abstract: "Adds, installs, updates and verifies packages of playbooks; packs and signs them.",
    discussion: """
      A package is a folder with a package.yaml. What a project uses of others stands in apig.lock, which is \
      committed: source, commit, SHA-256 of the files, signer, and what was granted. Nothing of a package runs while \
      it is added.
      """,
    subcommands: [
      PackageAddCommand.self, PackageInstallCommand.self, PackageUpdateCommand.self, PackageRemoveCommand.self,
      PackageListCommand.self, PackageVerifyCommand.self, PackagePackCommand.self, PackageSignCommand.self,
    ])
}

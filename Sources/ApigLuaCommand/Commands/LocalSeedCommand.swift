internal import ArgumentParser
internal import GatewayAPI
internal import LocalGateway

/// `apig-lua local seed`: groups, APIs, environments and histories from a file.
struct LocalSeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seed", abstract: "Adds groups, APIs, environments and histories from a YAML file.",
    discussion: """
      All of the file is taken over, or nothing. For example:

        environments: [RELEASE, STAGING]
        groups:
        - name: payments
          apis:
          - name: pay-{1..40}
            path: /payments/{..}
            answer: '{"ok":true}'
            created: 3 days ago
            history:
            - { env: RELEASE, time: 2 days ago, remark: weekly release }
            changed: 1 hour ago
          - { name: pay-new, published: [STAGING] }

      `local snapshot` writes everything that a gateway holds in this form.
      """)

  @Argument(help: ArgumentHelp("The YAML file; - for standard input.", valueName: "file"))
  var file: String

  @OptionGroup var local: LocalDataOptions

  @Flag(help: "Take everything away first that the gateway holds.")
  var replace = false

  func run() async throws {
    try await onLocalGateway { variables, style in
      let path = try local.path(variables)
      let seed = try SeedFile.read(file)
      try await LocalGateway.seed(seed, dataFile: path, replacing: replace)
      StandardStream.error.write("\(style.good) \(path): \(seed.groupCount) groups, \(seed.apiCount) APIs\n")
    }
  }
}

internal import ArgumentParser
internal import GatewayAPI
internal import ReleaseEngine

struct EnvCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "env", abstract: "Works on environments.", subcommands: [EnvListCommand.self])
}

/// `apig-lua env list`: the environments, and what protects them.
struct EnvListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the environments, and what protects each from slips of the hand.")

  @OptionGroup var flags: EngineFlags

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let environments = try await withReadingGateways(settings) { open in
        try await open(nil).all(ListEnvironments()).items
      }
      let gateway = settings.gateways[settings.gatewayName]
      let records = environments.map { environment in
        let profile = gateway?.protectedEnvironment(id: environment.id ?? "", name: environment.name ?? "")
        return environment.document.adding(["protect": .string((profile?.protection ?? .none).rawValue)])
      }
      let listing = RecordListing(schema: GatewayEnvironment.schema, records: records, additions: ["protect"])
      try await listing.result.write(settings) { listing.text(settings) }
      return .ok
    }
  }
}

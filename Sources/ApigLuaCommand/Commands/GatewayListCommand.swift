internal import ArgumentParser
internal import GatewayAPI
internal import ReleaseEngine

/// `apig-lua gateway list`: the gateways of the project.
struct GatewayListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the gateways of the project, and what apig.yaml calls them.")

  @OptionGroup var flags: EngineFlags

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let instances = try await withReadingGateways(settings) { open in
        try await open(nil).all(ListGateways()).items
      }
      let records = instances.map { instance in
        instance.document.adding(["name_here": .string(names(of: instance, settings).joined(separator: ", "))])
      }
      let listing = RecordListing(schema: GatewayInstance.schema, records: records, additions: ["name_here"])
      try await listing.result.write(settings) { listing.text(settings) }
      return .ok
    }
  }

  /// The entries of the configuration that mean it.
  private func names(of instance: GatewayInstance, _ settings: Settings) -> [String] {
    guard settings.gatewayName != GatewayProfile.localName else { return [GatewayProfile.localName] }
    let here = settings.gateways[settings.gatewayName]
    return settings.gateways.values.filter { entry in
      // Elsewhere the same name is another gateway's.
      guard entry.region == here?.region, entry.endpoint == here?.endpoint, entry.projectID == here?.projectID else {
        return false
      }
      return entry.instance.map { $0 == instance.id } ?? entry.instanceName.map { $0 == instance.name } ?? false
    }.map(\.name).sorted()
  }
}

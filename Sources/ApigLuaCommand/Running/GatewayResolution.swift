internal import GatewayAPI
internal import GatewayClient
internal import GatewayCredentials
internal import GatewaySigning
internal import GatewayTransport

/// From a gateway's entry in a file to what a client needs: address, project, instance, credential.
struct GatewayResolution: Sendable {
  /// A value and who says so.
  struct Sourced: Sendable, Hashable {
    let value: String
    let origin: String
  }

  let settings: Settings
  let entry: GatewayProfile
  /// Whether nobody may be asked over the network, the metadata service included.
  var isOffline = false

  /// The credential, found but not yet used.
  ///
  /// - Throws: ``ConfigurationError`` for what no credential would mend; ``CredentialError``.
  func credential() async throws -> ResolvedCredential {
    guard entry.instance != nil || entry.instanceName != nil else {
      throw entry.missing("instance", "the gateway's ID, shown in the console, or instance_name: its name")
    }
    var chain = try settings.credentialChain(for: entry)
    chain.asksMetadataService = !isOffline
    return try await chain.resolve()
  }

  /// What a client is made of; asks IAM for the project and the gateway for its ID where only names are given.
  ///
  /// - Throws: ``ConfigurationError``, ``GatewayError``.
  func configuration(with credential: ResolvedCredential) async throws -> GatewayClientConfiguration {
    let endpoint = try endpoint(credential)
    let project: Sourced
    if let written = self.project(credential) {
      project = written
    } else {
      project = try await lookedUpProject(credential)
    }
    var configuration = GatewayClientConfiguration(
      endpoint: endpoint.value,
      address: GatewayAddress(
        projectID: project.value, product: entry.product, instanceID: entry.instance ?? "unknown"),
      credentials: credential.provider, gatewayName: entry.name)
    configuration.userAgent = "apig-lua/\(ApigLua.version)"
    configuration.transport = try settings.transport()
    if entry.instance == nil, let name = entry.instanceName {
      configuration.address.instanceID = try await instance(named: name, configuration)
    }
    return configuration
  }

  /// What a client needs when a cassette answers: nothing that is asked for, and no credential.
  ///
  /// - Throws: ``ConfigurationError`` when project or instance are not written down.
  func replayConfiguration() throws -> GatewayClientConfiguration {
    guard let project = project(nil) else { throw entry.missing("project_id", "a replay asks nobody for it") }
    guard let instance = entry.instance else { throw entry.missing("instance", "a replay asks nobody for it") }
    return GatewayClientConfiguration(
      endpoint: try endpoint(nil).value,
      address: GatewayAddress(projectID: project.value, product: entry.product, instanceID: instance),
      credentials: GatewayAuthentication.none, gatewayName: entry.name)
  }

  // MARK: - Addresses

  /// The address of the management API: as written, else made of the region.
  ///
  /// - Throws: ``ConfigurationError`` when there is neither, or the region is not known.
  func endpoint(_ credential: ResolvedCredential?) throws -> Sourced {
    if let endpoint = entry.endpoint {
      return Sourced(value: endpoint, origin: entry.places["endpoint"] ?? entry.place)
    }
    guard let named = region(credential) else {
      throw ConfigurationError(
        place: entry.place, message: "gateway '\(entry.name)' has no endpoint",
        hint: "add endpoint: https://apig.REGION.myhuaweicloud.com, or region: REGION")
    }
    guard let region = CloudRegion(named.value), region.isKnown else {
      throw ConfigurationError(
        place: named.origin, message: "there is no region '\(named.value)'",
        hint: (Suggestion.closest(to: named.value, in: CloudRegion.known).map { "did you mean '\($0)'? " } ?? "")
          + "a new region needs its endpoint: as well")
    }
    return Sourced(value: region.endpoint(of: entry.product), origin: "region \(region.name)")
  }

  func region(_ credential: ResolvedCredential?) -> Sourced? {
    if let region = entry.region { return Sourced(value: region, origin: entry.places["region"] ?? entry.place) }
    if let region = settings.variables["HW_REGION_NAME"] { return Sourced(value: region, origin: "HW_REGION_NAME") }
    if let credential, let region = credential.region { return Sourced(value: region, origin: credential.source) }
    return entry.endpoint.flatMap({ CloudRegion(endpoint: $0) }).map {
      Sourced(value: $0.name, origin: "the endpoint")
    }
  }

  /// The address of IAM; nil when nothing tells it.
  func identityEndpoint(_ credential: ResolvedCredential?) -> Sourced? {
    if let endpoint = entry.identityEndpoint {
      return Sourced(value: endpoint, origin: entry.places["iam_endpoint"] ?? entry.place)
    }
    if let credential, let endpoint = credential.identityEndpoint {
      return Sourced(value: endpoint, origin: credential.source)
    }
    return region(credential).flatMap { CloudRegion($0.value) }.map {
      Sourced(value: $0.identityEndpoint, origin: "region \($0.name)")
    }
  }

  // MARK: - Project and instance

  /// The project as it is written somewhere; nil when it is to be looked up.
  func project(_ credential: ResolvedCredential?) -> Sourced? {
    if let id = entry.projectID { return Sourced(value: id, origin: entry.places["project_id"] ?? entry.place) }
    if let id = settings.variables["HUAWEICLOUD_SDK_PROJECT_ID"] {
      return Sourced(value: id, origin: "HUAWEICLOUD_SDK_PROJECT_ID")
    }
    return credential.flatMap { credential in
      credential.projectID.map { Sourced(value: $0, origin: credential.source) }
    }
  }

  /// Every region has a project of its name; IAM knows its ID.
  private func lookedUpProject(_ credential: ResolvedCredential) async throws -> Sourced {
    guard let region = region(credential), let endpoint = identityEndpoint(credential) else {
      throw entry.missing("project_id", "or region: to look it up, or set HUAWEICLOUD_SDK_PROJECT_ID")
    }
    let service = IdentityService(endpoint: endpoint.value, transport: try settings.transport())
    let projects = try await service.projects(named: region.value, as: credential.provider.authentication())
    guard projects.count == 1, let project = projects.first else {
      throw ConfigurationError(
        place: entry.place,
        message: projects.isEmpty
          ? "IAM shows no project named '\(region.value)' to this credential"
          : "IAM shows \(projects.count) projects named '\(region.value)': \(projects.joined(separator: ", "))",
        hint: "add project_id: under gateway '\(entry.name)'")
    }
    return Sourced(value: project, origin: "IAM, by the region's name")
  }

  private func instance(named name: String, _ configuration: GatewayClientConfiguration) async throws -> String {
    let client = try GatewayClient(configuration: configuration)
    let listing: Result<[GatewayInstance], any Error>
    do { listing = .success(try await client.all(ListGateways()).items) } catch { listing = .failure(error) }
    await client.shutdown()
    let gateways = try listing.get()
    let matches = gateways.filter { $0.name == name }.compactMap(\.id)
    if matches.count == 1, let id = matches.first { return id }
    let place = entry.places["instance_name"] ?? entry.place
    guard matches.isEmpty else {
      throw ConfigurationError(
        place: place, message: "\(matches.count) gateways are named '\(name)': \(matches.joined(separator: ", "))",
        hint: "add instance: with the ID of one")
    }
    let names = gateways.compactMap(\.name)
    throw ConfigurationError(
      place: place, message: "the project has no gateway named '\(name)'",
      hint: Suggestion.closest(to: name, in: names).map { "did you mean '\($0)'?" }
        ?? (names.isEmpty ? "it has none at all" : "it has \(names.map { "'\($0)'" }.joined(separator: ", "))"))
  }
}

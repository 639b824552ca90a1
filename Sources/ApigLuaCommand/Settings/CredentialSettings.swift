internal import GatewayAPI
internal import GatewayCredentials

extension Settings {
  /// The entry of a gateway.
  ///
  /// - Throws: ``UsageError`` when there is none of this name.
  func gateway(named name: String) throws -> GatewayProfile {
    if let entry = gateways[name] { return entry }
    let known = gateways.keys + [GatewayProfile.localName]
    throw UsageError(
      message: "there is no gateway '\(name)'",
      hint: Suggestion.closest(to: name, in: known).map { "did you mean '\($0)'?" }
        ?? "apig.yaml knows: \(known.sorted().joined(separator: ", "))")
  }

  /// Where the credential for a gateway is looked for.
  ///
  /// - Parameter gateway: nil for none in particular.
  /// - Throws: ``ConfigurationError`` for a proxy that is no URL.
  func credentialChain(for gateway: GatewayProfile?) throws -> CredentialChain {
    let variables = variables
    var chain = CredentialChain(variable: { variables[$0] }, profiles: credentialProfiles, transport: try transport())
    chain.gatewayName = gateway?.name
    chain.suppliedToken = suppliedToken
    if let profile {
      chain.profile = CredentialChain.ProfileChoice(
        name: profile.name, origin: profile.origin, overrulesVariables: profile.origin == "--profile")
    } else if let name = gateway?.profile {
      chain.profile = CredentialChain.ProfileChoice(
        name: name, origin: gateway?.places["profile"] ?? "gateway '\(gateway?.name ?? "")'",
        overrulesVariables: false)
    }
    chain.region =
      gateway?.region ?? gateway?.endpoint.flatMap({ CloudRegion(endpoint: $0) })?.name ?? variables["HW_REGION_NAME"]
    chain.projectID = gateway?.projectID ?? variables["HUAWEICLOUD_SDK_PROJECT_ID"]
    chain.identityEndpoint = gateway?.identityEndpoint
    return chain
  }
}

internal import GatewayAPI
internal import GatewayCredentials

/// Which credential a run would use, and why: for `profile show` and `doctor`. Holds no secret.
struct CredentialReport: Sendable {
  /// A line of the report.
  struct Fact: Sendable {
    let name: String
    let value: String
    let origin: String
  }

  let facts: [Fact]
  let tried: [ResolvedCredential.Attempt]
  let warnings: [String]

  /// Finds the credential; asks nobody but the metadata service, and that only when nothing else is there.
  ///
  /// - Throws: ``CredentialError``, ``UsageError`` for an unknown gateway.
  init(_ settings: Settings) async throws {
    let isLocal = settings.gatewayName == GatewayProfile.localName
    let entry = isLocal ? nil : try settings.gateway(named: settings.gatewayName)
    try await self.init(settings, entry, settings.credentialChain(for: entry).resolve())
  }

  init(_ settings: Settings, _ entry: GatewayProfile?, _ credential: ResolvedCredential) {
    var facts = [
      Fact(name: "credential", value: credential.title, origin: "\(credential.source) (\(credential.place))")
    ]
    if let entry {
      let resolution = GatewayResolution(settings: settings, entry: entry)
      func add(_ name: String, _ sourced: GatewayResolution.Sourced?, otherwise: String) {
        facts.append(Fact(name: name, value: sourced?.value ?? otherwise, origin: sourced?.origin ?? ""))
      }
      facts.append(Fact(name: "gateway", value: entry.name, origin: entry.place))
      add("region", resolution.region(credential), otherwise: "not given")
      add("endpoint", try? resolution.endpoint(credential), otherwise: "not given")
      add("IAM", resolution.identityEndpoint(credential), otherwise: "not given")
      add("project", resolution.project(credential), otherwise: "looked up at IAM, by the region's name")
    } else {
      facts.append(
        Fact(name: "gateway", value: GatewayProfile.localName, origin: "it has a credential of its own and needs none"))
      if let region = credential.region { facts.append(Fact(name: "region", value: region, origin: credential.source)) }
      if let project = credential.projectID {
        facts.append(Fact(name: "project", value: project, origin: credential.source))
      }
    }
    self.facts = facts
    tried = credential.tried
    warnings = credential.warnings
  }

  var text: String {
    var text = TextTable(
      columns: ["what", "value", "from"], rows: facts.map { [$0.name, $0.value, $0.origin] }, indent: ""
    ).text
    if !tried.isEmpty {
      text += "\nlooked at before\n"
      text += TextTable(columns: ["source", "why not"], rows: tried.map { [$0.source, $0.reason] }).text
    }
    return text
  }

  var table: DataTable {
    DataTable(columns: ["what", "value", "from"], rows: facts.map { [$0.name, $0.value, $0.origin] })
  }

  var document: Document {
    let members = facts.map { fact -> (String, Document) in
      (fact.name.lowercased(), ["value": .string(fact.value), "from": .string(fact.origin)])
    }
    var document = Dictionary(members, uniquingKeysWith: { first, _ in first })
    document["schema"] = 1
    document["tried"] = .array(tried.map { ["source": .string($0.source), "reason": .string($0.reason)] })
    document["warnings"] = .array(warnings.map(Document.string))
    return .object(document)
  }
}

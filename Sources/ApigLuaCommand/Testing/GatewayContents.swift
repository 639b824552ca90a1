internal import GatewayAPI

/// What a local gateway holds, as its admin route tells it.
struct GatewayContents: Sendable {
  private struct Version {
    let id: String
    let number: String
    let apiID: String
    let environmentID: String
  }

  private let groups: [String: String]
  private let environments: [(id: String, name: String)]
  private let apis: [(id: String, name: String, groupID: String, path: String)]
  private let versions: [Version]
  /// IDs of the versions in effect.
  private let effective: Set<String>

  init(_ state: Document) {
    func rows(_ name: String) -> [Document] { state[name]?.arrayValue ?? [] }
    func text(_ row: Document, _ name: String) -> String { row[name]?.stringValue ?? "" }
    groups = Dictionary(
      rows("groups").map { (text($0, "id"), text($0, "name")) }, uniquingKeysWith: { first, _ in first })
    environments = rows("envs").map { (text($0, "id"), text($0, "name")) }
    apis = rows("apis").map { row in
      (
        text(row, "id"), text(row, "name"), text(row, "group_id"),
        row["definition"].map { text($0, "req_uri") } ?? ""
      )
    }
    versions = rows("versions").map { row in
      Version(
        id: text(row, "version_id"), number: text(row, "version_no"), apiID: text(row, "api_id"),
        environmentID: text(row, "env_id"))
    }
    effective = Set(rows("publications").map { text($0, "version_id") })
  }

  /// The versions that an environment runs: numbers by the APIs' names.
  ///
  /// - Throws: ``GatewayError`` of kind `usage` for an environment that is none.
  func snapshot(of environment: String) throws(GatewayError) -> Document {
    guard let environmentID = environments.first(where: { $0.name == environment })?.id else {
      throw GatewayError(
        kind: .usage, message: "the gateway has no environment '\(environment)'",
        hint: "it has \(environments.map(\.name).joined(separator: ", "))", operation: "snapshot")
    }
    let names = names
    var members: [String: Document] = [:]
    for version in versions where version.environmentID == environmentID && effective.contains(version.id) {
      members[names[version.apiID] ?? version.apiID] = .string(version.number)
    }
    return .object(members)
  }

  /// What is the same in two gateways that went through the same: of each API, by environment, how many versions there
  /// are and which of them, from the oldest, is in effect.
  var shape: Document {
    let names = names
    var shape: [String: [String: Document]] = [:]
    for (environmentID, environment) in environments {
      let here = Dictionary(grouping: versions.filter { $0.environmentID == environmentID }, by: \.apiID)
      shape[environment] = [:]
      for (apiID, versions) in here {
        let position = versions.firstIndex { effective.contains($0.id) }
        shape[environment]?[names[apiID] ?? apiID] = [
          "versions": .integer(Int64(versions.count)),
          "effective": position.map { .integer(Int64($0 + 1)) } ?? .boolean(false),
        ]
      }
    }
    return .object(shape.mapValues(Document.object))
  }

  /// The group whose API is called by this path.
  func group(servingPath path: String) -> String? {
    let published = Set(versions.filter { effective.contains($0.id) }.map(\.apiID))
    return apis.first { $0.path == path && published.contains($0.id) }.flatMap { groups[$0.groupID] }
  }

  /// By ID; with their groups where several APIs have one name.
  private var names: [String: String] {
    let counts = Dictionary(grouping: apis, by: \.name).mapValues(\.count)
    return Dictionary(
      apis.map { api in
        (api.id, counts[api.name] == 1 ? api.name : "\(groups[api.groupID] ?? api.groupID)/\(api.name)")
      }, uniquingKeysWith: { first, _ in first })
  }
}

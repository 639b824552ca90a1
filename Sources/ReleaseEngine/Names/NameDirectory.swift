public import GatewayAPI
internal import JointTasks

/// Finds the IDs of APIs, groups, environments and versions that scripts name, and remembers them for the run.
///
/// Tasks that ask for the same at once share one look-up, and one place in the journal.
public actor NameDirectory {
  private struct Key: Hashable, Sendable {
    let kind: ResourceKind
    let name: String
  }

  private let gateway: any Gateway
  private var ids: [Key: String] = [:]
  private var names: [Key: String] = [:]
  private var environments: [GatewayEnvironment]?
  private var apis: [ListedAPI]?
  private let lookUps = JointTasks<Key, String>()
  private let lists = JointTasks<ResourceKind, [GatewayEnvironment]>()

  init(gateway: any Gateway) { self.gateway = gateway }

  /// Looks up anew from now on: others rename, delete and make what has names.
  func forget() {
    ids = [:]
    names = [:]
    environments = nil
    apis = nil
  }

  /// An API and the name of its group.
  public struct ListedAPI: Sendable, Hashable {
    public let id: String
    public let group: String
    let groupID: String?
  }

  /// APIs with the names of their groups: those of the IDs, and all of a group.
  ///
  /// - Throws: `GatewayError` of kind `not_found` for an ID that is none; what the gateway answers.
  public func listed(_ ids: [String], orAllOf groupID: String?) async throws -> [ListedAPI] {
    let wanted = Set(ids)
    func found() async throws -> [ListedAPI] {
      try await listedAPIs().filter { wanted.contains($0.id) || groupID != nil && $0.groupID == groupID }
    }
    let known = try await found()
    if known.count(where: { wanted.contains($0.id) }) == wanted.count { return known }
    // One may be younger than the list.
    apis = nil
    let again = try await found()
    if let missing = wanted.subtracting(again.map(\.id)).min() {
      throw GatewayError(kind: .notFound, message: "there is no API with the ID '\(missing)'")
    }
    return again
  }

  private func listedAPIs() async throws -> [ListedAPI] {
    if let apis { return apis }
    let all = try await gateway.all(ListAPIs()).items.compactMap { api in
      api.id.map {
        ListedAPI(
          id: $0, group: api.document["group_name"]?.stringValue ?? "",
          groupID: api.document["group_id"]?.stringValue)
      }
    }
    apis = all
    return all
  }

  /// How many asked for what somebody else was asking for.
  package nonisolated var joined: Int { lookUps.joined + lists.joined }

  /// The ID behind a name; what already looks like an ID is returned as it is.
  ///
  /// - Returns: the ID.
  /// - Throws: `GatewayError` of kind `not_found`, with a suggestion, when there is none of that name, of kind
  ///   `usage` when there are several; and what the gateway answers.
  public func id(of kind: ResourceKind, named name: String) async throws -> String {
    if Self.isIdentifier(name) { return name }
    // The production environment is built in under one ID: no request is needed to know it.
    if kind == .environment, name == "RELEASE" { return GatewayEnvironment.releaseID }
    let key = Key(kind: kind, name: name)
    if let id = ids[key] { return id }
    return try await shared(lookUps, key) { try await self.lookUp(key) }
  }

  /// The name by which an ID was found in this run.
  public func name(of kind: ResourceKind, id: String) -> String? {
    if kind == .environment, let known = environments?.first(where: { $0.id == id }) { return known.name }
    if kind == .environment, id == GatewayEnvironment.releaseID { return "RELEASE" }
    return names[Key(kind: kind, name: id)]
  }

  /// The name that the gateway itself gives an environment, whatever a script calls it.
  ///
  /// - Returns: nil when the gateway has no such environment.
  /// - Throws: what the gateway answers.
  public func environmentName(id: String) async throws -> String? {
    if id == GatewayEnvironment.releaseID { return "RELEASE" }
    if let known = try await allEnvironments().first(where: { $0.id == id }) { return known.name }
    // It may be younger than the list.
    environments = nil
    return try await allEnvironments().first { $0.id == id }?.name
  }

  /// The name that the gateway itself gives a group, whatever a script calls it.
  ///
  /// - Returns: nil when the gateway has no such group.
  /// - Throws: what the gateway answers.
  public func groupName(id: String) async throws -> String? {
    try await gateway.all(ListGroups()).items.first { $0.id == id }?.name
  }

  /// Takes note of names that a list brought along, so that they need no look-up.
  public func remember(_ kind: ResourceKind, id: String, name: String) {
    names[Key(kind: kind, name: id)] = name
  }

  /// Whether a text is an ID of the gateway: 32 hexadecimal digits, or the built-in environment's.
  public static func isIdentifier(_ text: String) -> Bool {
    if text == GatewayEnvironment.releaseID { return true }
    let bytes = text.utf8
    return bytes.count == 32
      && bytes.allSatisfy {
        ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f"))
      }
  }

  // MARK: - Look-ups

  /// What somebody else is finding out already, or what is found out now.
  ///
  /// A failure is not shared: everyone who failed has asked, and the journal has an answer for each. A replay, in which
  /// nobody waits, gives as many failures as there were, and never asks for one anew.
  private func shared<Wanted, Value: Sendable>(
    _ tasks: JointTasks<Wanted, Value>, _ wanted: Wanted, _ find: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let share = tasks.share(of: wanted, find)
    do {
      return try await share.value()
    } catch let error as GatewayError {
      if share.isFirst { throw error }
      return try await find()
    }
  }

  private func lookUp(_ key: Key) async throws -> String {
    let id =
      switch key.kind {
      case .api: try await apiID(named: key.name)
      case .group: try await groupID(named: key.name)
      case .environment: try await environmentID(named: key.name)
      case .version: throw GatewayError(kind: .usage, message: "a version is found by its API: give 'api' too")
      }
    ids[key] = id
    names[Key(kind: key.kind, name: id)] = key.name
    return id
  }

  private func apiID(named name: String) async throws -> String {
    var list = ListAPIs()
    list.name = name
    list.preciseSearch = "name"
    let found = try await gateway.all(list).items.filter { $0.name == name }
    let candidates = found.compactMap { api in
      api.id.map { Candidate(id: $0, label: api.document["group_name"]?.stringValue.map { "in group \($0)" }) }
    }
    return try await only(candidates, .api, name) {
      try await self.gateway.all(ListAPIs(), limit: maximumPageSize).items.compactMap(\.name)
    }
  }

  private func groupID(named name: String) async throws -> String {
    var list = ListGroups()
    list.name = name
    list.preciseSearch = "name"
    let found = try await gateway.all(list).items.filter { $0.name == name }
    return try await only(found.compactMap { $0.id.map { Candidate(id: $0, label: nil) } }, .group, name) {
      try await self.gateway.all(ListGroups(), limit: maximumPageSize).items.compactMap(\.name)
    }
  }

  private func environmentID(named name: String) async throws -> String {
    let all = try await allEnvironments()
    let found = all.filter { $0.name == name }.compactMap { $0.id.map { Candidate(id: $0, label: nil) } }
    return try await only(found, .environment, name) { all.compactMap(\.name) }
  }

  private func allEnvironments() async throws -> [GatewayEnvironment] {
    if let environments { return environments }
    return try await shared(lists, .environment) { try await self.listEnvironments() }
  }

  private func listEnvironments() async throws -> [GatewayEnvironment] {
    let all = try await gateway.all(ListEnvironments()).items
    environments = all
    return all
  }

  private struct Candidate {
    let id: String
    let label: String?
  }

  private func only(
    _ candidates: [Candidate], _ kind: ResourceKind, _ name: String, known: () async throws -> [String]
  ) async throws -> String {
    if let candidate = candidates.first, candidates.count == 1 { return candidate.id }
    guard candidates.isEmpty else {
      let list = candidates.map { [$0.id, $0.label].compactMap(\.self).joined(separator: " ") }
      throw GatewayError(
        kind: .usage, message: "\(candidates.count) \(kind.noun)s are named '\(name)': \(list.joined(separator: ", "))",
        hint: "give the one you mean by its ID: \(kind.rawValue)_id = \"\(candidates[0].id)\"")
    }
    let names = try await known()
    let hint =
      if let suggestion = Suggestion.closest(to: name, in: names) {
        "did you mean '\(suggestion)'?"
      } else if names.isEmpty {
        "there are none at all"
      } else {
        "there are: \(names.sorted().prefix(10).joined(separator: ", "))\(names.count > 10 ? ", …" : "")"
      }
    throw GatewayError(kind: .notFound, message: "there is no \(kind.noun) named '\(name)'", hint: hint)
  }
}

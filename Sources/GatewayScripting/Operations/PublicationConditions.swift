internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// Which APIs a publication takes: by its options `if_changed` and `only_if_same_as`, and by the promotion that the
/// configuration demands for the environment.
struct PublicationConditions: Sendable {
  /// What the conditions make of the APIs of a call.
  struct Sorted: Sendable {
    var wanted: [String] = []
    /// Their drafts are what the environment runs.
    var unchanged: [API] = []
    /// Their drafts are not what the other environment runs.
    var refused: [BatchFailure] = []
  }

  static let parameters: [ScriptParameter] = [
    .option("if_changed", .boolean, "Leaves out APIs whose draft is what runs there already."),
    .option(
      "only_if_same_as", .reference(.environment),
      "Publishes only APIs whose draft is what that environment runs: what was tried there."),
  ]

  private let run: ReleaseRun
  private let ifChanged: Bool
  /// The environments that must all run the same, with the names that messages show.
  private let sources: [(id: String, name: String)]
  private let environmentID: String

  /// Whether every API is taken as it is.
  var areNone: Bool { !ifChanged && sources.isEmpty }

  /// - Throws: `GatewayError` of kind `usage` for options of the wrong type, `not_found` for an unknown environment.
  init(_ options: CallOptions, of call: OperationCall, environmentID: String) async throws {
    run = call.run
    self.environmentID = environmentID
    let ifChanged = options["if_changed"]
    guard ifChanged.isNil || ifChanged.booleanValue != nil else {
      throw options.mismatch("if_changed", expected: "boolean", got: ifChanged)
    }
    self.ifChanged = ifChanged.booleanValue ?? false
    let resolver = ReferenceResolver(names: run.names)
    // What the script asks for comes on top of what the configuration demands.
    var sources: [(id: String, name: String)] = []
    if let source = try await call.promotionSource(of: environmentID) { sources.append(source) }
    if options.has("only_if_same_as") {
      let id = try await resolver.id(
        of: .environment, options["only_if_same_as"], option: "only_if_same_as", in: options)
      guard id != environmentID else {
        throw CallOptions.usage(
          "'only_if_same_as' of '\(options.function)' names the environment that is published into",
          "name the one where the release was tried")
      }
      if !sources.contains(where: { $0.id == id }) {
        sources.append((id, await run.names.name(of: .environment, id: id) ?? id))
      }
    }
    self.sources = sources
  }

  /// - Returns: the APIs by what becomes of them, each in the order given.
  /// - Throws: what the gateway answers.
  func sort(_ apiIDs: [String]) async throws -> Sorted {
    var sorted = Sorted()
    // What no list has is left to the gateway's own answer.
    var known: [API] = []
    let records = try await CurrentAPIs(run: run).records(of: apiIDs)
    for id in apiIDs {
      if let api = records[id] { known.append(api) } else { sorted.wanted.append(id) }
    }
    if ifChanged {
      let standings = try await DraftComparison(gateway: run).standings(of: known, in: environmentID)
      sorted.unchanged = zip(known, standings).filter { $0.1 == .same }.map(\.0)
      known = zip(known, standings).filter { $0.1 != .same }.map(\.0)
    }
    for source in sources {
      let standings = try await DraftComparison(gateway: run).standings(
        of: known, in: source.id, readingDefinitions: true)
      var same: [API] = []
      for (api, standing) in zip(known, standings) {
        if let reason = Self.reason(standing, source.name) {
          sorted.refused.append(BatchFailure(api, reason: reason))
        } else {
          same.append(api)
        }
      }
      known = same
    }
    let accepted = Set(known.compactMap(\.id))
    sorted.wanted = apiIDs.filter { accepted.contains($0) || sorted.wanted.contains($0) }
    return sorted
  }

  /// The refusal of a call that takes all or none.
  func refusal(_ failures: [BatchFailure], of count: Int) -> GatewayError {
    let first = failures.first
    let source = sources.map(\.name).joined(separator: " and ")
    let what =
      count == 1
      ? first?.message ?? ""
      : "\(failures.count) of \(count) APIs are not what \(source) runs, the first: \(first?.apiName ?? ""): \(first?.message ?? "")"
    return GatewayError(
      kind: .refused, message: what,
      hint: "publish to \(source) and try it there first; nothing was published",
      api: count == 1 ? first?.apiName : nil, result: count == 1 ? nil : BatchResult(failure: failures))
  }

  private static func reason(_ standing: DraftStanding, _ source: String) -> String? {
    switch standing {
    case .same: nil
    case .notRunning: "\(source) does not run it"
    case .different(let edited):
      "its draft is not what \(source) runs" + (edited.map { ": it was edited at \($0)" } ?? "")
    }
  }
}

extension BatchFailure {
  fileprivate init(_ api: API, reason: String) {
    self.init(
      document: [
        "api_id": api.id.map(Document.string) ?? .null, "api_name": api.name.map(Document.string) ?? .null,
        "error_msg": .string(reason),
      ])
  }
}

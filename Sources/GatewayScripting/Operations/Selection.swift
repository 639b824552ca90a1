internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// `apig.select`: the APIs that meet every condition given.
///
/// Conditions that the gateway can judge go to it. A page of 500 tells for 500 APIs what is published where, so none of
/// the others costs a request per API but `changed_in`, and that only where times leave open whether a draft is what
/// runs: see ``DraftComparison``.
struct Selection: Sendable {
  let call: OperationCall

  func callAsFunction(_ table: LuaValue) async throws -> LuaValue {
    let options = try CallOptions(table, of: .select)
    let resolver = ReferenceResolver(names: call.run.names)
    var list = ListAPIs()
    if options.has("group") {
      list.groupID = try await resolver.id(of: .group, options["group"], option: "group", in: options)
    }
    let tag = try text("tag", options)
    // ROMA Connect's list knows no tags.
    if call.run.product == .apigw { list.tags = tag }
    let pattern = try text("name", options).map(Glob.init)
    list.name = pattern?.longestText
    list.environmentID = try await environment("published_in", options, resolver)
    let changedIn = try await environment("changed_in", options, resolver)
    var selected = try await call.run.all(list).items.filter { api in
      if let tag, api.document["tags"]?.arrayValue?.contains(.string(tag)) != true { return false }
      return call.narrowing.admits(api) && pattern?.matches(api.name ?? "") ?? true
    }
    if let changedIn {
      let standings = try await DraftComparison(gateway: call.run).standings(of: selected, in: changedIn)
      selected = zip(selected, standings).filter { $0.1 != .same }.map(\.0)
    }
    for api in selected {
      if let id = api.id, let name = api.name { await call.run.names.remember(.api, id: id, name: name) }
    }
    var result = LuaTable(
      sequence: selected.map { LuaValue($0) }, className: RecordClasses.listName(of: API.schema))
    result["total"] = .integer(Int64(selected.count))
    result["complete"] = true
    return .table(result)
  }

  private func text(_ name: String, _ options: CallOptions) throws(GatewayError) -> String? {
    let value = options[name]
    guard !value.isNil else { return nil }
    guard let text = value.stringValue else { throw options.mismatch(name, expected: "string", got: value) }
    return text
  }

  private func environment(
    _ name: String, _ options: CallOptions, _ resolver: ReferenceResolver
  ) async throws -> String? {
    guard options.has(name) else { return nil }
    return try await resolver.id(of: .environment, options[name], option: name, in: options)
  }
}

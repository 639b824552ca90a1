internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// `apig.select`: the APIs that meet every condition given.
struct Selection: Sendable {
  let call: OperationCall

  func callAsFunction(_ table: LuaValue) async throws -> LuaValue {
    let options = try CallOptions(table, of: .select)
    let resolver = ReferenceResolver(names: call.run.names)
    var filter = APIFilter()
    if options.has("group") {
      filter.groupID = try await resolver.id(of: .group, options["group"], option: "group", in: options)
    }
    filter.tag = try text("tag", options)
    filter.name = try text("name", options)
    filter.publishedIn = try await environment("published_in", options, resolver)
    filter.changedIn = try await environment("changed_in", options, resolver)
    filter.narrowing = call.narrowing
    let selected = try await filter.apis(of: call.run)
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

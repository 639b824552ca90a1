internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// `apig.select`: the APIs that meet some conditions, from list pages alone.
///
/// A page of 500 tells for 500 APIs what is published where and whether the draft changed since, so no condition costs
/// a request per API.
struct Selection: Sendable {
  let call: OperationCall

  private static let parameters: [ScriptParameter] = [
    ("group", "group name, ID or record", "Only this group's APIs."),
    ("tag", "string", "Only APIs with this tag."),
    ("name", "string", "Only names of this form: * stands for any text, ? for one character."),
    ("published_in", "env name, ID or record", "Only APIs that are published there."),
    ("changed_in", "env name, ID or record", "Only APIs whose draft differs from what runs there, or that do not run."),
  ].map { name, type, help in
    ScriptParameter(name: name, field: nil, meaning: .value, typeName: type, isRequired: false, help: help)
  }

  func callAsFunction(_ table: LuaValue) async throws -> LuaValue {
    let options = try CallOptions(table, of: "select", parameters: Self.parameters)
    let resolver = ReferenceResolver(names: call.run.names)
    var list = ListAPIs()
    if options.has("group") {
      list.groupID = try await resolver.id(of: .group, options["group"], option: "group", in: options)
    }
    list.tags = try text("tag", options)
    let pattern = try text("name", options).map(Glob.init)
    let publishedIn = try await environment("published_in", options, resolver)
    let changedIn = try await environment("changed_in", options, resolver)
    let all = try await call.run.all(list).items
    for api in all {
      if let id = api.id, let name = api.name { await call.run.names.remember(.api, id: id, name: name) }
    }
    let selected = all.filter { api in
      if let pattern, !pattern.matches(api.name ?? "") { return false }
      if let publishedIn, api.publishing(in: publishedIn) == nil { return false }
      if let changedIn, !api.hasChanged(in: changedIn) { return false }
      return true
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

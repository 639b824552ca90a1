internal import GatewayAPI
internal import ReleaseEngine

/// Reads what lists say of APIs whose IDs are known.
struct CurrentAPIs: Sendable {
  /// Up to so many are asked for one by one; more are found on pages of the whole list.
  private static let maximumSingleReads = 8

  let run: ReleaseRun

  /// - Returns: the records by ID; those that do not exist are missing.
  /// - Throws: what the gateway answers.
  func records(of ids: [String]) async throws -> [String: API] {
    let wanted = Set(ids)
    var found: [String: API] = [:]
    if wanted.count <= Self.maximumSingleReads {
      let lists = try await wanted.sorted().concurrentlyMapped { id in
        var list = ListAPIs()
        list.id = id
        return try await run.all(list).items
      }
      for api in lists.joined() { if let id = api.id { found[id] = api } }
    } else {
      for try await api in run.items(of: ListAPIs()) where found.count < wanted.count {
        if let id = api.id, wanted.contains(id) { found[id] = api }
      }
    }
    for (id, api) in found { if let name = api.name { await run.names.remember(.api, id: id, name: name) } }
    return found
  }
}

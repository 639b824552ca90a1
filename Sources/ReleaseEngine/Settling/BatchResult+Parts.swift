internal import GatewayAPI

extension BatchResult {
  static func + (left: BatchResult, right: BatchResult) -> BatchResult {
    BatchResult(success: left.success + right.success, failure: left.failure + right.failure)
  }

  /// The same in the order of the request.
  func ordered(as apiIDs: [String]) -> BatchResult {
    let places = Dictionary(zip(apiIDs, apiIDs.indices), uniquingKeysWith: { first, _ in first })
    func place(_ id: String?) -> Int { id.flatMap { places[$0] } ?? .max }
    return BatchResult(
      success: success.sorted { place($0.apiID) < place($1.apiID) },
      failure: failure.sorted { place($0.apiID) < place($1.apiID) })
  }
}

extension Batch {
  /// What is left when these are done, one way or the other.
  func without(_ result: BatchResult) -> Batch {
    let done = Set(result.success.compactMap(\.apiID) + result.failure.compactMap(\.apiID))
    var rest = self
    rest.apiIDs = apiIDs?.filter { !done.contains($0) }
    return rest
  }
}

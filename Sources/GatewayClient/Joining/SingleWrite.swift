internal import GatewayAPI

/// An operation on one API that a batch can carry out as well.
struct SingleWrite: Sendable {
  let apiID: String
  let kind: WriteJoiner.Kind

  init?(_ operation: some GatewayOperation) {
    switch operation {
    case let publish as Publish:
      apiID = publish.apiID
      kind = WriteJoiner.Kind(
        action: .online, environmentID: publish.environmentID, remark: publish.remark, urgency: .current)
    case let offline as Offline:
      apiID = offline.apiID
      kind = WriteJoiner.Kind(
        action: .offline, environmentID: offline.environmentID, remark: offline.remark, urgency: .current)
    default: return nil
    }
  }
}

extension WriteJoiner.Kind {
  /// The single request for one API, the batch for several.
  func request(for apiIDs: [String], at address: GatewayAddress) throws(GatewayError) -> GatewayRequest {
    if let apiID = apiIDs.first, apiIDs.count == 1 {
      switch action {
      case .online:
        return try Publish(apiID: apiID, environmentID: environmentID, remark: remark).request(for: address)
      case .offline:
        return try Offline(apiID: apiID, environmentID: environmentID, remark: remark).request(for: address)
      }
    }
    return try Batch(action: action, apiIDs: apiIDs, environmentID: environmentID, remark: remark)
      .request(for: address)
  }

  /// What an answer means for each API.
  ///
  /// - Throws: `GatewayError` when it is the same for all of them: the request as a whole was refused.
  func results(
    of apiIDs: [String], _ response: GatewayResponse
  ) throws(GatewayError) -> [String: Result<Publication, GatewayError>] {
    let operation = action == .online ? Publish.descriptor.name : Offline.descriptor.name
    guard (200..<300).contains(response.status) else { throw GatewayError(response: response, operation: operation) }
    let batch: BatchResult
    do throws(GatewayError) {
      if let apiID = apiIDs.first, apiIDs.count == 1 { return [apiID: .success(try Publication(response: response))] }
      batch = try BatchResult(response: response)
    } catch {
      throw error.withUnknownOutcome
    }
    var results: [String: Result<Publication, GatewayError>] = [:]
    for success in batch.success {
      if let apiID = success.apiID { results[apiID] = .success(success) }
    }
    for failure in batch.failure {
      guard let apiID = failure.apiID else { continue }
      var error = GatewayError(failure)
      error.operation = operation
      error.requestID = response.requestID
      results[apiID] = .failure(error)
    }
    return results
  }
}

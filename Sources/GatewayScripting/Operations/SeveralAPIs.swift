internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// `publish` and `offline` for several APIs: as few batch requests as the documented limit allows.
struct SeveralAPIs: Sendable {
  let call: OperationCall
  let action: Batch.Action

  func callAsFunction(_ options: CallOptions, of descriptor: OperationDescriptor) async throws -> LuaValue {
    let given = ["api", "api_id", "apis", "group", "group_id"].filter(options.has)
    guard given.count == 1 else {
      throw CallOptions.usage(
        "'\(options.function)' takes one of \(given.map { "'\($0)'" }.joined(separator: " and ")), not both", nil)
    }
    let remark = options["remark"]
    guard remark.isNil || remark.stringValue != nil else {
      throw options.mismatch("remark", expected: "string", got: remark)
    }
    let onFailure = try Self.onFailure(options)
    let environmentID = try await call.environmentID(options, for: descriptor)
    var apiIDs = distinct(try await call.apiIDs(options))
    var total = BatchResult()
    var unchanged: [API] = []
    if action == .online {
      let conditions = try await PublicationConditions(options, of: call, environmentID: environmentID)
      if !conditions.areNone {
        let sorted = try await conditions.sort(apiIDs)
        guard sorted.refused.isEmpty || onFailure == .return else {
          throw conditions.refusal(sorted.refused, of: apiIDs.count)
        }
        apiIDs = sorted.wanted
        unchanged = sorted.unchanged
        total.failure = sorted.refused
      }
    }
    for start in stride(from: 0, to: apiIDs.count, by: Batch.maximumCount) {
      let chunk = Array(apiIDs[start..<min(start + Batch.maximumCount, apiIDs.count)])
      do {
        let result = try await call.run.perform(
          Batch(action: action, apiIDs: chunk, environmentID: environmentID, remark: remark.stringValue))
        total.success += result.success
        total.failure += result.failure
      } catch var error as GatewayError where start > 0 {
        // What the requests before this one did is done.
        error.result = BatchResult(
          success: total.success + (error.result?.success ?? []), failure: total.failure + (error.result?.failure ?? [])
        )
        throw error
      }
    }
    return try Self.value(of: total, unchanged: unchanged, onFailure)
  }

  /// - Throws: `GatewayError` of kind `usage`: before anything is sent.
  private static func onFailure(_ options: CallOptions) throws(GatewayError) -> OnFailure {
    OnFailure(rawValue: try options.choice("on_failure", default: "raise")) ?? .raise
  }

  /// The result for the script: both lists, or an error when some failed and the script did not ask for the lists.
  static func value(
    of result: BatchResult, unchanged: [API] = [], _ onFailure: OnFailure
  ) throws(GatewayError) -> LuaValue {
    guard result.failure.isEmpty || onFailure == .return else {
      let first = result.failure[0]
      let count = result.success.count + result.failure.count
      throw GatewayError(
        kind: .partialFailure,
        message:
          "\(result.failure.count) of \(count) APIs failed, the first: \(first.apiName ?? first.apiID ?? "?"): "
          + "\(first.code?.rawValue ?? "no code") \(first.message ?? "")",
        hint: "the error's .result holds both lists; on_failure = \"return\" returns them instead", result: result)
    }
    guard case .table(var table) = LuaValue(result) else { return .nil }
    table["unchanged"] = .table(
      LuaTable(sequence: unchanged.map { LuaValue($0) }, className: RecordClasses.listName(of: API.schema)))
    return .table(table)
  }

  private func distinct(_ ids: [String]) -> [String] {
    var seen: Set<String> = []
    return ids.filter { seen.insert($0).inserted }
  }
}

internal import GatewayAPI

/// Reads of a gateway, each journalled; a replayed script gets the answers that it got before.
struct RecordedReads: Gateway {
  let gateway: any Gateway
  /// The gateway's name in this run.
  let name: String
  let recorder: RunRecorder
  /// Instead of the current task's branch.
  var branch: String?
  /// Hears of each page of APIs; the time is nil for one out of the journal.
  var onAPIs: (@Sendable ([API], Timestamp?) async -> Void)?

  var product: GatewayProduct { gateway.product }

  func perform<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    var origin = CallOrigin.current
    if let branch { origin.branch = branch }
    let call = RecordedCall(operation, gateway: name, origin: origin)
    let isLive = LiveMark()
    let asked = recorder.currentTime
    let document = try await recorder.answer(call) {
      isLive.set()
      return try await gateway.perform(operation).document
    }
    let output = try Operation.Output(document: document)
    if let page = output as? Page<API> { await onAPIs?(page.items, isLive.isSet ? asked : nil) }
    return output
  }
}

/// Whether a closure was called.
private final class LiveMark {
  private(set) var isSet = false
  func set() { isSet = true }
}

extension RecordedCall {
  init<Operation: GatewayOperation>(
    _ operation: Operation, gateway: String, origin: CallOrigin? = nil, title: String = ""
  ) {
    self.init(
      Operation.descriptor.name, ["gateway": .string(gateway), "values": .object(operation.values)], title: title,
      origin: origin)
  }
}

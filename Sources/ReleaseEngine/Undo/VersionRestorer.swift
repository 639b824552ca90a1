internal import GatewayAPI

/// Puts one API in one environment back to what ran there, and looks before each step: what is there already is not done
/// again, and what someone else has made of it is left alone.
struct VersionRestorer: Sendable {
  let gateway: any Gateway
  let task: ReleaseRun.UndoTask
  /// The API's name, for messages.
  let label: String
  let settleTime: Duration
  let patience: Duration
  let time: MonotonicTime

  /// Tries until it is done, cannot be done, or the patience is over.
  func run() async -> UndoResult {
    guard let environmentID = task.key.environmentID else {
      return failure(.notRead, "the environment it was changed in is not known")
    }
    // What is on its way may still arrive.
    if task.isInDoubt { try? await time.sleep(settleTime) }
    let start = time.now()
    var tries = 0
    var pause = Duration.milliseconds(500)
    while true {
      tries += 1
      do {
        return try await step(environmentID)
      } catch let error as GatewayError {
        let elapsed = time.now() - start
        guard error.isWorthAnotherTry, elapsed + pause < patience else {
          var error = error
          if tries > 1 { error.message += ", \(tries) tries in \(Self.text(elapsed))" }
          return UndoResult(runs: task.current, error: error)
        }
        try? await time.sleep(pause * Double.random(in: 0.5...1))
        pause = min(pause * 2, .seconds(15))
      } catch {
        return failure(task.current, "\(error)")
      }
    }
  }

  private func step(_ environmentID: String) async throws -> UndoResult {
    let history = try await gateway.all(History(apiID: task.key.apiID, environmentID: environmentID)).items
    let effective = history.first(where: \.isEffective)
    let running = RunningVersion(effective)
    let target: APIVersion?
    switch task.target {
    case .none: target = nil
    case .version(let id, let number):
      if effective?.versionID == id { return UndoResult(runs: running) }
      target = history.first { $0.versionID == id }
      if target == nil {
        return failure(
          running, "version \(number ?? id) is no longer kept by the gateway (it keeps 10)", code: .versionNotFound)
      }
    case .published(let since):
      let moment = Timestamp(since)
      target = history.first { $0.publishTime.flatMap(Timestamp.init(_:)) == moment && moment != nil }
      if target == nil {
        return failure(running, "which version ran since \(since) was not read, and the history does not tell")
      }
      if target?.versionID == effective?.versionID { return UndoResult(runs: running) }
    case .notRead: return failure(running, "what ran before was not read")
    }
    if target == nil, effective == nil { return UndoResult(runs: .none) }
    if let foreign = foreignVersion(effective) { return failure(running, foreign) }
    guard let target, let versionID = target.versionID else {
      _ = try await gateway.perform(Offline(apiID: task.key.apiID, environmentID: environmentID))
      return UndoResult(runs: .none)
    }
    if effective == nil {
      return try await publishAgain(versionID, target, environmentID)
    }
    _ = try await gateway.perform(SwitchVersion(apiID: task.key.apiID, versionID: versionID))
    return UndoResult(runs: RunningVersion(target))
  }

  /// From offline: by a switch where the gateway can, else the draft is published for a moment.
  private func publishAgain(
    _ versionID: String, _ target: APIVersion, _ environmentID: String
  ) async throws -> UndoResult {
    var result = UndoResult(runs: RunningVersion(target))
    do {
      _ = try await gateway.perform(SwitchVersion(apiID: task.key.apiID, versionID: versionID))
    } catch let error as GatewayError where error.code == .publicationNotFound {
      _ = try await gateway.perform(
        Publish(apiID: task.key.apiID, environmentID: environmentID, remark: stopgapRemark))
      _ = try await gateway.perform(SwitchVersion(apiID: task.key.apiID, versionID: versionID))
      result.note = "inexact: its draft was published for a moment before the switch back"
    }
    return result
  }

  /// By its mark a later try knows the publication for the run's own.
  private var stopgapRemark: String {
    ["published to switch back", task.mark.map { $0 + "0" }].compactMap(\.self).joined(separator: " ")
  }

  /// Why what runs now is neither what the run made of it nor what it shall be; nil when it is.
  private func foreignVersion(_ effective: APIVersion?) -> String? {
    guard let effective else {
      // Offline: the run's own doing, or something it does not know the end of.
      if case .version = task.current { return "someone else took it offline: it is left alone" }
      return nil
    }
    if let id = effective.versionID, task.own.contains(id) { return nil }
    if let mark = task.mark, effective.document["remark"]?.stringValue?.contains(mark) ?? false { return nil }
    // A lost switch leaves no mark.
    if task.current == .notRead, task.operation == SwitchVersion.descriptor.name { return nil }
    let number = effective.versionNumber ?? effective.versionID ?? "?"
    return "someone else changed it to \(number): it is left alone"
  }

  private func failure(_ runs: RunningVersion, _ message: String, code: GatewayErrorCode? = nil) -> UndoResult {
    UndoResult(
      runs: runs,
      error: GatewayError(kind: .conflict, code: code, message: message, operation: "undo", api: label))
  }

  private static func text(_ duration: Duration) -> String {
    let seconds = Int(duration / .seconds(1))
    return seconds < 120 ? "\(seconds)s" : "\(seconds / 60) min"
  }
}

extension GatewayError {
  fileprivate var isWorthAnotherTry: Bool { isRetryable || kind == .unknownOutcome }
}

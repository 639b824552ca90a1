internal import GatewayAPI
internal import RunJournal

/// The marks that a run puts at the end of remarks: ` al:1QK8ZT3F7A:1`, the run and how often it has published this API
/// to this environment.
///
/// The gateway keeps the remark with the version and tells it in the history, so that a publication whose answer was
/// lost is recognized. First publications of several APIs bear the same mark and can share a batch. A group's, whose
/// APIs are the gateway's to know, bear one that none of the run's in the environment has had.
struct RunMarks: Sendable {
  private struct Key: Hashable {
    let apiID: String
    let environmentID: String
  }

  static let maximumRemarkLength = 255

  private let run: String
  /// What all marks of the run begin with.
  var prefix: String { RunMark.prefix(of: run) }
  private var counts: [Key: Int] = [:]
  /// What every API of an environment has had at least: the mark of the last group's batch.
  private var floors: [String: Int] = [:]

  init(_ run: RunID) { self.run = String(run.description.dropFirst(2)) }

  /// - Parameters:
  ///   - entries: what the journal has of the run. All its marks are taken note of at once: a replay comes to them in
  ///     another order than they were given in, and none of them may be given again.
  ///   - gateway: whose they are.
  init(_ run: RunID, after entries: [JournalEntry], gateway: String) {
    self.init(run)
    for entry in entries where entry.body["arguments"]?["gateway"]?.stringValue == gateway {
      guard let remark = entry.body["details"]?["remark"]?.stringValue, let targets = ChangeTargets(ofIntent: entry)
      else { continue }
      note(remark, on: targets)
    }
  }

  /// A remark with the next mark of these APIs.
  ///
  /// - Throws: `GatewayError` of kind `usage` when the two do not fit into a remark.
  mutating func marked(_ remark: String?, _ apiIDs: [String], in environmentID: String) throws(GatewayError) -> String {
    let keys = apiIDs.map { Key(apiID: $0, environmentID: environmentID) }
    let isGroup = keys.isEmpty
    let had =
      isGroup
      ? counts.filter { $0.key.environmentID == environmentID }.map(\.value) : keys.map { counts[$0, default: 0] }
    let number = max(had.max() ?? 0, floors[environmentID, default: 0]) + 1
    let mark = RunMark(run: run, number: number).text
    let text = [remark, mark].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
    guard text.count <= Self.maximumRemarkLength else {
      throw GatewayError(
        kind: .usage,
        message: "'remark' is \(remark?.count ?? 0) characters long, at most "
          + "\(Self.maximumRemarkLength - mark.count - 1) beside the run's mark")
    }
    note(number, keys, environmentID)
    return text
  }

  private mutating func note(_ remark: String, on targets: ChangeTargets) {
    guard let environmentID = targets.environmentID, let mark = RunMark(atEndOf: remark), mark.run == run else {
      return
    }
    let apiIDs = targets.groupID == nil ? targets.apiIDs : []
    note(mark.number, apiIDs.map { Key(apiID: $0, environmentID: environmentID) }, environmentID)
  }

  private mutating func note(_ number: Int, _ keys: [Key], _ environmentID: String) {
    for key in keys { counts[key] = max(counts[key, default: 0], number) }
    if keys.isEmpty { floors[environmentID] = max(floors[environmentID, default: 0], number) }
  }
}

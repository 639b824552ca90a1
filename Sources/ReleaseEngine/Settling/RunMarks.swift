internal import GatewayAPI

/// The marks that a run puts at the end of remarks: ` al:1QK8ZT3F7A:1`, the run and how often it has published this API
/// to this environment.
///
/// The gateway keeps the remark with the version and tells it in the history, so that a publication whose answer was
/// lost is recognized. First publications of several APIs bear the same mark and can share a batch.
struct RunMarks: Sendable {
  private struct Key: Hashable {
    let apiID: String
    let environmentID: String
  }

  static let maximumRemarkLength = 255

  private let run: String
  /// What all marks of the run begin with.
  var prefix: String { "al:\(run):" }
  private var counts: [Key: Int] = [:]

  init(_ run: RunID) { self.run = String(run.description.dropFirst(2)) }

  /// A remark with the next mark of these APIs.
  ///
  /// - Throws: ``GatewayError`` of kind `usage` when the two do not fit into a remark.
  mutating func marked(_ remark: String?, _ apiIDs: [String], in environmentID: String) throws(GatewayError) -> String {
    let keys = apiIDs.map { Key(apiID: $0, environmentID: environmentID) }
    let number = (keys.map { counts[$0, default: 0] }.max() ?? 0) + 1
    let mark = "al:\(run):\(number)"
    let text = [remark, mark].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
    guard text.count <= Self.maximumRemarkLength else {
      throw GatewayError(
        kind: .usage,
        message: "'remark' is \(remark?.count ?? 0) characters long, at most "
          + "\(Self.maximumRemarkLength - mark.count - 1) beside the run's mark")
    }
    for key in keys { counts[key] = number }
    return text
  }
}

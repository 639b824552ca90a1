internal import Synchronization

/// The IDs that the gateway gives only when a plan is applied, and what they stand for.
///
/// On its way through the engine such an ID looks like any other; scripts see what ``label(of:)`` says.
public final class PlannedIDs: Sendable {
  /// No gateway gives IDs that begin so.
  private static let prefix = "0000000000000000ffffffff"

  private struct State: Sendable {
    var labels: [String: String] = [:]
    var apiIDs: [String: String] = [:]
    /// How often a label was wanted.
    var uses: [String: Int] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// Whether a text is an ID of some plan.
  public static func isPlanned(_ text: String) -> Bool { text.utf8.count == 32 && text.hasPrefix(prefix) }

  /// A new ID.
  ///
  /// - Parameters:
  ///   - subject: what it will be the ID of: "version of pay-create".
  ///   - apiID: the API it belongs to.
  func make(_ subject: String, apiID: String) -> String {
    state.withLock { state in
      let uses = state.uses[subject, default: 0] + 1
      state.uses[subject] = uses
      let digits = String(state.labels.count + 1, radix: 16)
      let id = Self.prefix + String(repeating: "0", count: 8 - digits.count) + digits
      state.labels[id] = "‹after apply: \(subject)\(uses > 1 ? " (\(uses))" : "")›"
      state.apiIDs[id] = apiID
      return id
    }
  }

  /// What people read in place of an ID: "‹after apply: version of pay-create›"; nil for what is no planned ID.
  public func label(of id: String) -> String? {
    Self.isPlanned(id) ? state.withLock { $0.labels[id] } : nil
  }

  /// The API that a planned ID belongs to.
  public func apiID(of id: String) -> String? { state.withLock { $0.apiIDs[id] } }
}

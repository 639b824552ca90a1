internal import GatewayAPI
internal import GatewayScripting
internal import ReleaseEngine

/// In which wave each API was changed, and by which line of the script.
struct ChangeOrigins: Sendable {
  struct Origin: Sendable, Hashable {
    /// "2/4"
    var wave: String?
    /// "release.lua:14"
    var place: String?
  }

  private struct Key: Hashable {
    let gateway: String
    let apiID: String
    let environmentID: String?
  }

  private var origins: [Key: Origin] = [:]
  private var wave: String?

  mutating func note(_ event: ScriptEvent) {
    switch event {
    case .waveBegan(let label, _, _, _): wave = label
    case .waveEnded: wave = nil
    default: break
    }
  }

  /// - Parameter place: of the call that made the change.
  mutating func note(_ change: APIChange, at place: String?) {
    // What puts back is no call of the script.
    guard change.state != .undone, change.state != .undoFailed else { return }
    origins[key(change)] = Origin(wave: wave, place: place)
  }

  subscript(_ change: APIChange) -> Origin { origins[key(change)] ?? Origin() }

  private func key(_ change: APIChange) -> Key {
    Key(gateway: change.gateway, apiID: change.apiID, environmentID: change.environmentID)
  }
}

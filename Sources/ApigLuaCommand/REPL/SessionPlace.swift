internal import Synchronization

/// Where a session works, and whether it may change what is protected there; its dot commands change that.
final class SessionPlace: Sendable {
  private struct State {
    var gateway: String
    var environment: String?
    var isWriting = false
  }

  private let state: Mutex<State>

  init(gateway: String, environment: String?) {
    state = Mutex(State(gateway: gateway, environment: environment))
  }

  var gateway: String { state.withLock(\.gateway) }

  /// For calls that name none.
  var environment: String? {
    get { state.withLock(\.environment) }
    set { state.withLock { $0.environment = newValue } }
  }

  /// Whether changes of protected environments are asked for rather than refused.
  var isWriting: Bool {
    get { state.withLock(\.isWriting) }
    set { state.withLock { $0.isWriting = newValue } }
  }

  /// Another gateway: begins there as a session begins.
  func move(to gateway: String) {
    state.withLock { $0 = State(gateway: gateway) }
  }

  /// `prod-cn4/RELEASE> `; `prod-cn4/RELEASE*> ` while changes of what is protected are asked for, and
  /// `prod-cn4/RELEASE?> ` while nothing is changed.
  ///
  /// - Parameter isPlanning: whether inputs are only planned.
  func prompt(isPlanning: Bool) -> String {
    state.withLock { state in
      let place = [state.gateway, state.environment].compactMap(\.self).joined(separator: "/")
      return "\(place)\(state.isWriting ? "*" : "")\(isPlanning ? "?" : "")> "
    }
  }

  /// The prompt of further lines, as wide as the first.
  func continuationPrompt(isPlanning: Bool) -> String {
    let width = prompt(isPlanning: isPlanning).displayWidth
    return width < 4 ? ".> " : ".." + String(repeating: " ", count: width - 4) + "> "
  }
}

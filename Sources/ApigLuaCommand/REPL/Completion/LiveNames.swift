internal import Dispatch
internal import GatewayScripting
internal import LuaRuntime
internal import Synchronization

/// The names in the session's tables, for a thread that cannot suspend: the state is idle while somebody types.
struct LiveNames: Sendable {
  let console: ScriptConsole

  /// - Parameter path: from the globals; empty for these themselves.
  func fields(at path: [String]) -> [String: String] {
    let answer = Answer()
    let work = Task {
      let fields = await console.names(at: path.map(LuaValue.text)).fields
      answer.fields.withLock { $0 = fields }
      answer.isThere.signal()
    }
    // A script that is still at work keeps nobody from typing; it must be over before the next input runs.
    guard answer.isThere.wait(timeout: .now() + .milliseconds(200)) == .success else {
      work.cancel()
      _ = answer.isThere.wait(timeout: .now() + .seconds(1))
      return [:]
    }
    return answer.fields.withLock(\.self)
  }

  private final class Answer: Sendable {
    let isThere = DispatchSemaphore(value: 0)
    let fields = Mutex<[String: String]>([:])
  }
}

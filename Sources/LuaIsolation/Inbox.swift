import LuaRuntime
internal import SystemPackage
import Synchronization

/// What other threads tell a conversation: answers of async host functions, and that it is to end.
final class Inbox: Sendable {
  struct Contents {
    var completions: [HostOperation.Completion] = []
    /// Why the run is to end: `CLUA_STOP_CANCELLED`; nil: it is not.
    var stop: Int?
  }

  /// Has something to receive while there is something to take.
  let bell: Channel
  private let button: Channel
  private let contents = Mutex(Contents())

  /// - Throws: `Errno`, when descriptors run out.
  init() throws(Errno) {
    let ends = try Channel.makePair()
    bell = Channel(ends[0])
    button = Channel(ends[1])
  }

  func post(_ completion: HostOperation.Completion) { change { $0.completions.append(completion) } }

  func stop(_ reason: Int) { change { $0.stop = $0.stop ?? reason } }

  private func change(_ body: (inout sending Contents) -> Void) {
    contents.withLock { body(&$0) }
    _ = button.send([1])  // where there is no room, it rings already
  }

  func take() -> Contents {
    _ = bell.receive()  // before what it rang for is looked at
    return contents.withLock { contents in
      let taken = contents
      contents.completions = []
      return taken
    }
  }
}

internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import Synchronization

/// The time of a test: the system's, ahead of it by all that was waited for. Waiting takes none.
final class VirtualTime: Sendable {
  private let ahead = Mutex(Duration.zero)

  /// All that was waited for so far.
  var waited: Duration { ahead.withLock(\.self) }

  func now() -> Timestamp { Timestamp.now() + waited }

  func advance(by duration: Duration) { ahead.withLock { $0 += max(.zero, duration) } }

  /// - Throws: `CancellationError`.
  func sleep(_ duration: Duration) async throws {
    let end = waited + max(.zero, duration)
    // Branches that begin to wait at one moment wait together: each has a turn before the time passes.
    try await Task.sleep(for: .milliseconds(1))
    ahead.withLock { $0 = max($0, end) }
  }

  var monotonic: MonotonicTime {
    var time = MonotonicTime()
    time.now = { .now + self.waited }
    time.sleep = { try await self.sleep($0) }
    return time
  }
}

/// Where a test's runs find their gateway and their time.
struct RunBench: Sendable {
  let gateway: RunningLocalGateway
  let time: VirtualTime
  /// What the command line of the tests allows.
  let permissions: Permissions
  /// Hears which lines the runs ran; nil where nobody wants to know.
  let coverage: TestCoverage?

  /// Adds what a run has counted.
  ///
  /// - Parameters:
  ///   - script: its name and its path; nil for one that lies in no file.
  ///   - modules: the folder that its modules come from.
  func cover(
    _ counts: LuaLineCounts?, _ chunks: LoadedChunks, script: (name: String, path: String)?, _ modules: LuaModuleFolder?
  ) {
    guard let counts else { return }
    coverage?.add(counts) { name in
      let path = name == script?.name ? script?.path : modules.map { $0.path + "/" + name }
      guard let path, let chunk = chunks[name] else { return nil }
      return (path, chunk.source)
    }
  }

  /// Refuses requests to others than the gateway: what a spec grants its runs reaches no real server by itself.
  ///
  /// - Throws: ``GatewayError`` of kind `refused`.
  func admit(_ request: WebRequest) throws(GatewayError) {
    let origin = WebOrigin(of: request.url)
    if let origin, origin == WebOrigin(of: gateway.url) { return }
    if let origin, permissions.isAllowed(Permission(.http, origin.description)) { return }
    throw GatewayError(
      kind: .refused,
      message: "a test reaches its own gateway only, not \(origin?.description ?? request.url.shownURL)",
      hint: origin.map { "run apig-lua test with --allow http:\($0)" })
  }
}

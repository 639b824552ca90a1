internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine
internal import Synchronization

/// The modules that a state of Lua has read, as they were when it did.
final class ReadModules: Sendable {
  private let digests = Mutex<[String: String]>([:])

  /// - Returns: the same source; what it finds is noted.
  func noting(_ source: @escaping LuaModuleSource) -> LuaModuleSource {
    { name in
      guard let found = try source(name) else { return nil }
      self.digests.withLock { $0[name] = ContentDigest.hex(found.source) }
      return found
    }
  }

  /// The digest of a module's text; nil for one that was not read.
  subscript(name: String) -> String? { digests.withLock { $0[name] } }
}

internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine
internal import Synchronization

/// The script and the modules that a run has loaded, for the lines that errors point at.
final class LoadedChunks: Sendable {
  private let chunks: Mutex<[String: LuaChunk]>

  init(_ script: LuaChunk) { chunks = Mutex([script.name: script]) }

  /// - Parameter recorder: the journal tells which modules a run was made of.
  /// - Returns: a module source that finds what `folder` has and remembers it.
  func remembering(_ folder: LuaModuleFolder, recorder: RunRecorder) -> LuaModuleSource {
    { name in
      guard let found = try folder.source(of: name) else { return nil }
      self.chunks.withLock { $0[found.chunkName] = LuaChunk(name: found.chunkName, source: found.source) }
      recorder.mark(
        "module", ["name": .string(name), "digest": .string(ContentDigest.hex(found.source))],
        title: "load \(found.chunkName)", origin: CallOrigin())
      return found
    }
  }

  /// - Returns: the same for what no journal tells of.
  func remembering(_ folder: LuaModuleFolder) -> LuaModuleSource {
    { name in
      guard let found = try folder.source(of: name) else { return nil }
      self.remember(LuaChunk(name: found.chunkName, source: found.source))
      return found
    }
  }

  /// Adds what was typed.
  func remember(_ chunk: LuaChunk) { chunks.withLock { $0[chunk.name] = chunk } }

  subscript(name: String) -> LuaChunk? { chunks.withLock { $0[name] } }
}

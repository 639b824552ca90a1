internal import LuaRuntime
internal import Synchronization

/// The modules that a spec itself has loaded, and where they lie.
final class LoadedFiles: Sendable {
  private let folders: ModuleFolders
  private let files = Mutex<[String: (path: String, source: [UInt8])]>([:])

  init(_ folders: ModuleFolders) { self.folders = folders }

  var source: LuaModuleSource {
    folders.source { module, path in self.files.withLock { $0[module.chunkName] = (path, module.source) } }
  }

  subscript(chunk: String) -> (path: String, source: [UInt8])? { files.withLock { $0[chunk] } }
}

internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import Synchronization

/// The texts that a plan is made with: the modules that its script requires, each as it was read first.
final class PlanSources: Sendable {
  private let chunks: LoadedChunks
  private let folder: LuaModuleFolder?
  private let modules: Mutex<[String: (chunkName: String, source: [UInt8])]>
  private let packages = Mutex<[String: ScriptPackage]>([:])

  /// - Parameter known: modules that were read already, by name.
  init(
    chunks: LoadedChunks, folder: LuaModuleFolder?, known: [String: (chunkName: String, source: [UInt8])] = [:]
  ) {
    self.chunks = chunks
    self.folder = folder
    modules = Mutex(known)
  }

  /// nil where there are no modules beside the script.
  var moduleSource: LuaModuleSource? {
    guard let folder else { return nil }
    let find = chunks.remembering(folder, recorder: RunRecorder())
    return { name in
      if let known = self.modules.withLock({ $0[name] }) { return known }
      guard let found = try find(name) else { return nil }
      self.modules.withLock { $0[name] = found }
      return found
    }
  }

  /// Takes note of a package that is used.
  func note(_ package: ScriptPackage) { packages.withLock { $0[package.name] = package } }

  /// Modules by their names; packages by theirs, which have a slash in them.
  var sources: [ReleasePlan.Source] {
    modules.withLock { $0 }.sorted { $0.key < $1.key }.map { name, found in
      ReleasePlan.Source(name: name, path: found.chunkName, digest: ContentDigest.hex(found.source))
    }
      + packages.withLock { $0 }.sorted { $0.key < $1.key }.map { name, package in
        ReleasePlan.Source(name: name, path: package.principal.title, digest: package.digest)
      }
  }
}

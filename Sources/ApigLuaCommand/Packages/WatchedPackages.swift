internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// Packages whose use is taken note of: in the run's journal, and for the lines that errors point at.
struct WatchedPackages: ScriptPackages {
  let packages: LockedPackages
  let chunks: LoadedChunks
  let onUse: @Sendable (ScriptPackage) -> Void

  var areNone: Bool { packages.areNone }

  func contains(_ name: String, for requirer: String?) throws -> Bool { try packages.contains(name, for: requirer) }

  func package(_ name: String) async throws -> ScriptPackage {
    let package = try await packages.package(name)
    onUse(package)
    return package.remembered(by: chunks)
  }
}

extension ScriptPackage {
  /// The same package, whose modules are kept for the lines that errors point at.
  func remembered(by chunks: LoadedChunks) -> ScriptPackage {
    var remembered = self
    let modules = modules
    remembered.modules = { name in
      guard let found = try modules(name) else { return nil }
      chunks.remember(LuaChunk(name: found.chunkName, source: found.source))
      return found
    }
    return remembered
  }
}

extension RunRecorder {
  /// The journal tells which packages a run was made of.
  func mark(_ package: ScriptPackage) {
    mark(
      "package", ["name": .string(package.name), "digest": .string(package.digest)],
      title: "load \(package.principal.title)", origin: CallOrigin())
  }
}

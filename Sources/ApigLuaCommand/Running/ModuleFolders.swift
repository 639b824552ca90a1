internal import LuaRuntime

/// Folders in which modules are looked for, one after the other.
struct ModuleFolders: Sendable {
  let paths: [String]

  var source: LuaModuleSource { source { _, _ in } }

  /// - Parameter onFound: gets what was found, and the path of its file.
  func source(
    onFound: @escaping @Sendable (_ module: (chunkName: String, source: [UInt8]), _ path: String) -> Void
  ) -> LuaModuleSource {
    let folders = paths.map { ($0, LuaModuleFolder(path: $0)) }
    return { name in
      for (path, folder) in folders {
        guard let found = try folder.source(of: name) else { continue }
        onFound(found, path + "/" + found.chunkName)
        return found
      }
      return nil
    }
  }
}

internal import LuaRuntime

/// Folders in which modules are looked for, one after the other.
struct ModuleFolders: Sendable {
  let paths: [String]

  var source: LuaModuleSource {
    let folders = paths.map { LuaModuleFolder(path: $0) }
    return { name in
      for folder in folders {
        if let found = try folder.source(of: name) { return found }
      }
      return nil
    }
  }
}

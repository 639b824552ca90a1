internal import Foundation
internal import LuaRuntime

/// A script that `check` is to look at.
struct CheckedScript: Sendable {
  /// As findings name it.
  let path: String
  let source: ScriptSource
  /// Its text, or why that cannot be read.
  let content: Result<LuaChunk, UsageError>

  private init(_ path: String, _ source: ScriptSource) {
    self.path = path
    self.source = source
    do {
      content = .success(try source.chunk())
    } catch {
      content = .failure(error as? UsageError ?? UsageError(message: "\(path) cannot be read: \(error)"))
    }
  }

  /// What some paths name: files, folders with files below them, standard input; each once, in the order of the paths.
  ///
  /// A file in a folder that cannot be read keeps nobody from the others.
  ///
  /// - Throws: ``UsageError`` for a path that is not there or cannot be read, and for folders without a script.
  static func all(in paths: [String]) throws -> [CheckedScript] {
    var scripts: [CheckedScript] = []
    var seen: Set<String> = []
    for path in paths {
      if path == "-" {
        guard seen.insert(path).inserted else { continue }
        scripts.append(CheckedScript("stdin", .standardInput))
        _ = try scripts.last?.content.get()
        continue
      }
      for file in try files(at: path) where seen.insert(file).inserted {
        let script = CheckedScript(file, .file(file))
        if file == path { _ = try script.content.get() }
        scripts.append(script)
      }
    }
    return scripts
  }

  private static func files(at path: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      return [path]
    }
    let below = scripts(below: path).sorted()
    guard !below.isEmpty else {
      throw UsageError(message: "there are no scripts in \(path)", hint: "files named *.lua are looked for")
    }
    return below
  }

  /// Hidden files and folders are tools' own; links to folders may lead in circles.
  private static func scripts(below folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.flatMap { name -> [String] in
      let path = folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      let kind = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
      if kind == .typeDirectory { return scripts(below: path) }
      return name.hasSuffix(".lua") ? [path] : []
    }
  }
}

internal import Foundation
internal import LuaRuntime

/// A script that `check` is to look at.
struct CheckedScript: Sendable {
  /// As findings name it.
  let path: String
  let source: ScriptSource
  /// Its text, or why that cannot be read.
  let content: Result<LuaChunk, UsageError>

  /// The folder that was named and in which the file was found; nil for a file that was named itself.
  private let root: String?

  private init(_ path: String, _ source: ScriptSource, below root: String? = nil) {
    self.path = path
    self.source = source
    self.root = root
    do {
      content = .success(try source.chunk())
    } catch {
      content = .failure(error as? UsageError ?? UsageError(message: "\(path) cannot be read: \(error)"))
    }
  }

  /// A folder that nobody can look into.
  private init(unreadableFolder path: String, _ error: any Error) {
    self.path = path
    source = .file(path)
    root = nil
    content = .failure(UsageError(message: "\(path) cannot be read: \(error.localizedDescription)"))
  }

  /// Finds what it requires, where the runs that it is meant for look: beside it, and beside a playbook above it that
  /// requires it; nil for what lies in no folder.
  var modules: LuaModuleSource? {
    guard let folder else { return nil }
    return ModuleFolders(paths: (isBesideTests ? SpecFile.moduleFolders(of: folder) : [folder]) + parents).source
  }

  /// Whether it lies in a folder of tests.
  var isBesideTests: Bool {
    guard let folder else { return false }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.contains { $0.hasSuffix(SpecFile.ending) }
  }

  /// The one that it lies in; nil for standard input.
  var folder: String? {
    guard case .file(let path) = source else { return nil }
    return Self.folder(of: path)
  }

  private static func folder(of path: String) -> String {
    guard let end = path.lastIndex(of: "/") else { return "." }
    return end == path.startIndex ? "/" : String(path[..<end])
  }

  /// The folders above its own, up to the one that was named.
  private var parents: [String] {
    guard let root, var folder else { return [] }
    let top = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    var parents: [String] = []
    while folder != top, folder != ".", folder != "/" {
      folder = Self.folder(of: folder)
      parents.append(folder)
    }
    return parents
  }

  /// What some paths name: files, folders with files below them, standard input; each once, in the order of the paths.
  ///
  /// A file in a folder that cannot be read keeps nobody from the others.
  ///
  /// - Parameter entryPoints: what of the paths names an entry point of a package.
  /// - Throws: ``UsageError`` for a path that is not there or cannot be read, and for folders without a script.
  static func all(in paths: [String], _ entryPoints: [String: ScriptSource] = [:]) throws -> [CheckedScript] {
    var scripts: [CheckedScript] = []
    var seen: Set<String> = []
    for path in paths {
      if path == "-" {
        guard seen.insert(path).inserted else { continue }
        scripts.append(CheckedScript("stdin", .standardInput))
        _ = try scripts.last?.content.get()
        continue
      }
      let named = entryPoints[path].map { [CheckedScript(path, $0)] }
      for script in try named ?? found(at: path) where seen.insert(script.path).inserted { scripts.append(script) }
    }
    return scripts
  }

  private static func found(at path: String) throws -> [CheckedScript] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      let script = CheckedScript(path, .file(path))
      _ = try script.content.get()
      return [script]
    }
    let below: [CheckedScript]
    do {
      below = try scripts(in: path, below: path).sorted { $0.path < $1.path }
    } catch {
      throw UsageError(message: "\(path) cannot be read: \(error.localizedDescription)")
    }
    guard !below.isEmpty else {
      throw UsageError(message: "there are no scripts in \(path)", hint: "files named *.lua are looked for")
    }
    return below
  }

  /// Hidden files and folders are tools' own; links to folders may lead in circles.
  private static func scripts(in folder: String, below root: String) throws -> [CheckedScript] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    return names.filter { !$0.hasPrefix(".") }.flatMap { name -> [CheckedScript] in
      let path = folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      do {
        let kind = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        if kind == .typeDirectory { return try scripts(in: path, below: root) }
        return name.hasSuffix(".lua") ? [CheckedScript(path, .file(path), below: root)] : []
      } catch {
        return [CheckedScript(unreadableFolder: path, error)]
      }
    }
  }
}

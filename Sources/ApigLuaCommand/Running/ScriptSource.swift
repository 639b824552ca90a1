internal import GatewayAPI
internal import Glibc
internal import LuaRuntime

/// Where a script's text comes from.
enum ScriptSource: Sendable {
  case file(String)
  case line(String)
  case standardInput
  /// A part of this program.
  case embedded(LuaChunk)
  case entryPoint(PackageEntryPoint)

  /// The name that messages show.
  var name: String {
    switch self {
    case .file(let path): path.split(separator: "/").last.map(String.init) ?? path
    case .line: "-e"
    case .standardInput: "stdin"
    case .embedded(let chunk): chunk.name
    case .entryPoint(let entryPoint): entryPoint.reference.description
    }
  }

  /// Whether there is a file of that name; true for what is none.
  var exists: Bool {
    guard case .file(let path) = self else { return true }
    return access(path, F_OK) == 0
  }

  /// The folder whose modules the script may require: its own; nil for a script that lies in none.
  var moduleFolder: LuaModuleFolder? {
    guard case .file(let path) = self else { return nil }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    return LuaModuleFolder(path: folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder)
  }

  /// Where the file lies, from the root; nil for what is no file.
  func absolutePath(in folder: String) -> String? {
    guard case .file(let path) = self else { return nil }
    return path.hasPrefix("/") ? path : folder + "/" + path
  }

  /// Reads the whole text, once.
  ///
  /// - Throws: ``UsageError`` for what is no readable file of a sensible size.
  func chunk() throws -> LuaChunk {
    switch self {
    case .line(let code): return LuaChunk(name: name, source: Array(code.utf8))
    case .standardInput: return LuaChunk(name: name, source: try Self.readStandardInput())
    case .file(let path): return LuaChunk(name: name, source: try Self.readFile(path))
    case .embedded(let chunk): return chunk
    case .entryPoint(let entryPoint): return entryPoint.chunk
    }
  }

  private static func readFile(_ path: String) throws -> [UInt8] {
    do {
      return try TextFile.read(path)
    } catch {
      switch error {
      case .system(ENOENT): throw missing(path)
      case .isFolder:
        throw UsageError(message: "\(path) \(error.reason)", hint: "name a script in it: \(path)/release.lua")
      case .isNoRegularFile:
        throw UsageError(message: "\(path) \(error.reason)", hint: "pipe it in instead: apig-lua - < \(path)")
      case .isTooLarge:
        throw UsageError(message: "\(path) \(error.reason)", hint: "a script is text; split it into modules")
      case .system: throw UsageError(message: "\(path) \(error.reason)")
      }
    }
  }

  private static func readStandardInput() throws -> [UInt8] {
    do {
      return try TextFile.read(STDIN_FILENO)
    } catch {
      throw UsageError(message: "standard input \(error.reason)")
    }
  }

  private static func missing(_ path: String) -> UsageError {
    if !path.contains("/"), !path.contains("."), let command = Suggestion.closest(to: path, in: ApigLua.commandNames) {
      return UsageError(message: "there is no command and no file '\(path)'", hint: "did you mean '\(command)'?")
    }
    let folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let hint = Suggestion.closest(to: file, in: scripts(in: folder)).map {
      "did you mean '\(folder == "." ? "" : folder + "/")\($0)'?"
    }
    if hint == nil, PackageEntryPoint.Reference(path) != nil {
      return UsageError(
        message: "there is no file '\(path)', and no package of that name is locked",
        hint: "apig-lua pkg add SOURCE adds one, apig-lua pkg list shows those that are there")
    }
    return UsageError(message: "there is no file '\(path)'", hint: hint)
  }

  private static func scripts(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory), names.count < 1000 {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name.hasSuffix(".lua") { names.append(name) }
    }
    return names
  }
}

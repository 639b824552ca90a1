internal import GatewayAPI
internal import Glibc
internal import LuaRuntime

/// Where a script's text comes from.
enum ScriptSource: Sendable {
  case file(String)
  case line(String)
  case standardInput

  /// Largest script, in bytes.
  static let maximumSize = 1 << 20

  /// The name that messages show.
  var name: String {
    switch self {
    case .file(let path): path.split(separator: "/").last.map(String.init) ?? path
    case .line: "-e"
    case .standardInput: "stdin"
    }
  }

  /// Reads the whole text, once.
  ///
  /// - Throws: ``UsageError`` for what is no readable file of a sensible size.
  func chunk() throws -> LuaChunk {
    switch self {
    case .line(let code): return LuaChunk(name: name, source: Array(code.utf8))
    case .standardInput: return LuaChunk(name: name, source: try Self.read(STDIN_FILENO, name: "standard input"))
    case .file(let path): return LuaChunk(name: name, source: try Self.readFile(path))
    }
  }

  private static func readFile(_ path: String) throws -> [UInt8] {
    // Not blocking: opening a FIFO that nobody writes to would hang before it could be refused.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw UsageError(
        message: "\(path) is \(isFolder ? "a folder" : "no regular file")",
        hint: isFolder ? "name a script in it: \(path)/release.lua" : "pipe it in instead: apig-lua - < \(path)")
    }
    return try read(descriptor, name: path)
  }

  private static func read(_ descriptor: Int32, name: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw UsageError(message: "\(name) cannot be read: \(String(cString: strerror(errno)))") }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[..<count])
      guard bytes.count <= maximumSize else {
        throw UsageError(message: "\(name) is larger than 1 MiB", hint: "a script is text; split it into modules")
      }
    }
  }

  private static func unreadable(_ path: String, _ code: Int32) -> UsageError {
    guard code == ENOENT else {
      return UsageError(message: "\(path) cannot be read: \(String(cString: strerror(code)))")
    }
    let commands = ["run", "local", "doc"]
    if !path.contains("/"), !path.contains("."), let command = Suggestion.closest(to: path, in: commands) {
      return UsageError(message: "there is no command and no file '\(path)'", hint: "did you mean '\(command)'?")
    }
    let folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let hint = Suggestion.closest(to: file, in: scripts(in: folder)).map {
      "did you mean '\(folder == "." ? "" : folder + "/")\($0)'?"
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

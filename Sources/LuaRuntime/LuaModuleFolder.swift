import Glibc

/// A folder whose Lua files a script may `require`: `require "lib.waves"` is `lib/waves.lua`, or `lib/waves/init.lua`.
///
/// Nothing outside the folder can be reached: names are plain words, and no part of the way below the folder may be a
/// symbolic link.
public struct LuaModuleFolder: Sendable {
  /// Longest name of a module, in bytes.
  static let maximumNameLength = 128

  public let path: String

  /// - Parameter path: the folder; it may be a link itself, and need not exist.
  public init(path: String) { self.path = path }

  /// Finds a module, for ``LuaEngine``'s `moduleSource`.
  ///
  /// - Returns: its text and the name that messages show; nil when there is none.
  /// - Throws: ``LuaError`` of code `runtime` for a name that cannot be one and for a file that cannot be read.
  public func source(of name: String) throws(LuaError) -> (chunkName: String, source: [UInt8])? {
    guard let parts = Self.parts(of: name) else {
      throw LuaError(
        code: .runtime,
        message: "module name '\(name.prefix(64))' is not allowed: words of letters, digits, _ and -, joined by dots")
    }
    let root = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { return nil }
    defer { close(root) }
    for candidate in [parts.dropLast() + ["\(parts[parts.count - 1]).lua"], parts[...] + ["init.lua"]] {
      if let source = try read(Array(candidate), below: root) {
        return (candidate.joined(separator: "/"), source)
      }
    }
    return nil
  }

  /// Walks down one part at a time, so that no link is followed and nothing can be swapped in between.
  private func read(_ parts: [String], below root: Int32) throws(LuaError) -> [UInt8]? {
    var folder = dup(root)
    guard folder >= 0 else { return nil }
    defer { close(folder) }
    for part in parts.dropLast() {
      let next = unsafe openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else {
        if errno == ELOOP || errno == ENOTDIR, isLink(part, in: folder) { throw refusal(parts) }
        return nil
      }
      close(folder)
      folder = next
    }
    do {
      return try TextFile.read(parts[parts.count - 1], in: folder, followsLinks: false)
    } catch {
      switch error {
      case .system(ENOENT): return nil
      case .system(ELOOP): throw refusal(parts)
      default:
        throw LuaError(code: .runtime, message: "module file \(parts.joined(separator: "/")) \(error.reason)")
      }
    }
  }

  private func isLink(_ name: String, in folder: Int32) -> Bool {
    var status = stat()
    return unsafe fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  private func refusal(_ parts: [String]) -> LuaError {
    LuaError(
      code: .runtime, message: "module file \(parts.joined(separator: "/")) is reached by a symbolic link: not followed"
    )
  }

  private static func parts(of name: String) -> [String]? {
    guard !name.isEmpty, name.utf8.count <= maximumNameLength else { return nil }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let arePlain = parts.allSatisfy { part in
      !part.isEmpty
        && part.utf8.allSatisfy {
          switch $0 {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
          default: false
          }
        }
    }
    return arePlain ? parts : nil
  }
}

internal import GatewayAPI
internal import Glibc

/// Paths from the root, without dots and links.
enum CanonicalPath {
  /// Where a path leads. What is not there counts as it is written.
  ///
  /// - Parameter folder: what a relative path begins at.
  static func of(_ path: String, in folder: String) -> String {
    var found = ""
    for bytes in (path.isFromRoot ? path : folder + "/" + path).utf8.split(separator: UInt8(ascii: "/")) {
      let part = String(decoding: bytes, as: UTF8.self)
      switch part {
      case ".": continue
      case "..": found = parent(of: found)
      default:
        let next = found + "/" + part
        let target = real(next) ?? next
        found = target == "/" ? "" : target
      }
    }
    return found.isEmpty ? "/" : found
  }

  /// Where an open file lies; nil for what has no place, as a pipe, or none that can be shown.
  static func of(_ descriptor: Int32) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
    guard count > 0, count < buffer.count else { return nil }
    let path = String(validating: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let path, path.isFromRoot, !path.hasInvisibleCharacters else { return nil }
    return path
  }

  private static func parent(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? ""
  }

  private static func real(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }
}

extension String {
  /// Whether it is a path that begins at the root.
  var isFromRoot: Bool { utf8.first == UInt8(ascii: "/") }
}

extension Permission {
  /// The same for where its path leads; of what is about no file, itself.
  ///
  /// - Parameter folder: what a relative path begins at.
  func located(in folder: String) -> Permission {
    guard kind.isAboutFiles, object != "*" else { return self }
    let path = CanonicalPath.of(object, in: folder)
    // No file of that name is ever asked for.
    return path.hasInvisibleCharacters ? self : Permission(kind, path)
  }

  /// The same as a file in a folder is to hold it: with a path that begins there, where it leads below.
  func seen(from folder: String) -> Permission {
    let base = Permission(kind, CanonicalPath.of(folder, in: "/"))
    guard kind.isAboutFiles, base.object != "/", base.object != object, base.includes(self) else { return self }
    return Permission(kind, String(decoding: object.utf8.dropFirst(base.object.utf8.count + 1), as: UTF8.self))
  }
}

extension Permissions {
  /// The same for where their paths lead.
  func located(in folder: String) -> Permissions {
    var permissions = self
    permissions.allowed = allowed.map { $0.located(in: folder) }
    permissions.denied = denied.map { $0.located(in: folder) }
    return permissions
  }
}

internal import GatewayAPI
internal import GatewayScripting
internal import Glibc
internal import PlaybookPackages

/// The files that scripts read and write.
///
/// A permission is asked for where a path really leads. That is found out from what is held open, and with that all goes
/// on: nothing can be swapped in between.
struct ScriptFiles: Sendable {
  /// O_PATH, which the C library shows to GNU sources only: holds a place, and neither reads nor waits.
  private static let placeOnly: Int32 = 0o10_000_000

  let places: ScriptPlaces

  /// - Parameter permit: is told where the path leads before a byte is read.
  /// - Throws: ``GatewayError``; what `permit` throws.
  func read(_ path: String, permit: (String) async throws -> Void) async throws -> [UInt8] {
    let base = places.base(of: .current)
    let place = open(Self.absolute(path, base), Self.placeOnly | O_CLOEXEC)
    guard place >= 0 else { throw try await Self.missing(errno, path, base, permit) }
    defer { close(place) }
    guard let found = CanonicalPath.of(place) else { throw Self.nowhere(path) }
    try await permit(found)
    // What a device does when it is opened is its own affair.
    guard Self.isRegular(place), !found.hasPrefix("/proc/") else { throw Self.failure(.isNoRegularFile, path) }
    do throws(FileReading.Failure) {
      return try FileReading.read("/proc/self/fd/\(place)", limit: ScriptSurroundings.maximumFileSize)
    } catch {
      throw Self.failure(error, path)
    }
  }

  /// Puts a file in the place of the one that is there, whole or not at all.
  ///
  /// - Parameters:
  ///   - content: nil to find out only whether that may be done.
  ///   - permit: is told where the path leads before anything is written.
  /// - Throws: ``GatewayError``; what `permit` throws.
  func write(_ content: [UInt8]?, to path: String, permit: (String) async throws -> Void) async throws {
    let base = places.base(of: .current)
    let whole = Self.absolute(path, base)
    let end = whole.utf8.lastIndex(of: UInt8(ascii: "/")) ?? whole.startIndex
    let name = String(decoding: whole.utf8[end...].dropFirst(), as: UTF8.self)
    guard !["", ".", ".."].contains(name) else { throw Self.failure(.isNoRegularFile, path) }
    let folder = open(String(decoding: whole.utf8[...end], as: UTF8.self), Self.placeOnly | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw try await Self.missing(errno, path, base, permit) }
    defer { close(folder) }
    guard let found = CanonicalPath.of(folder) else { throw Self.nowhere(path) }
    let target = found == "/" ? "/" + name : found + "/" + name
    try Self.refuseGuarded(target)
    try await permit(target)
    var status = stat()
    let isThere = fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    guard isThere || errno == ENOENT else { throw Self.unwritable(errno, path) }
    guard !isThere || status.st_mode & S_IFMT != S_IFLNK else { throw Self.failure(.system(ELOOP), path) }
    guard !isThere || status.st_mode & S_IFMT == S_IFREG else { throw Self.failure(.isNoRegularFile, path) }
    guard let content else { return }
    let code = Self.replace(name, in: folder, with: content, mode: isThere ? status.st_mode & 0o777 : nil)
    guard code == 0 else { throw Self.unwritable(code, path) }
  }

  /// - Parameter mode: of the file that was there; nil for a new one.
  /// - Returns: the system's word for what went wrong; 0 when nothing did.
  private static func replace(_ name: String, in folder: Int32, with content: [UInt8], mode: mode_t?) -> Int32 {
    // Not made of the file's own name: that may be as long as names can be.
    let draft = ".apig-lua-" + String(UInt64.random(in: .min ... .max), radix: 16)
    let file = openat(folder, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard file >= 0 else { return errno }
    var code = fill(file, with: content)
    if code == 0, let mode, fchmod(file, mode) != 0 { code = errno }
    if code == 0, fsync(file) != 0 { code = errno }
    if close(file) != 0, code == 0 { code = errno }
    if code == 0, renameat(folder, draft, folder, name) != 0 { code = errno }
    guard code == 0 else {
      unlinkat(folder, draft, 0)
      return code
    }
    // So that the name is durable, too, before the journal says that it is done; not every file system can.
    let opened = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if opened >= 0 {
      fsync(opened)
      close(opened)
    }
    return 0
  }

  private static func fill(_ file: Int32, with content: [UInt8]) -> Int32 {
    content.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return errno }
        rest = rest.dropFirst(count)
      }
      return 0
    }
  }

  private static func absolute(_ path: String, _ base: String) -> String {
    path.isFromRoot ? path : base + "/" + path
  }

  private static func isRegular(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// What decides over scripts is for people to change, whatever was granted.
  private static func refuseGuarded(_ path: String) throws(GatewayError) {
    let parts = path.split(separator: "/")
    guard parts.last == "apig.yaml" || parts.last == "apig.lock" || parts.contains(".apig") else { return }
    throw GatewayError(
      kind: .refused, message: "no script writes \(path): it decides what scripts may do",
      hint: "change it by hand, or with apig-lua pkg")
  }

  // MARK: - Failures

  /// The error for what cannot be held. To who may not read it, nothing tells whether it is there.
  private static func missing(
    _ code: Int32, _ path: String, _ base: String, _ permit: (String) async throws -> Void
  ) async throws -> GatewayError {
    try await permit(CanonicalPath.of(path, in: base))
    guard code == ENOENT || code == ENOTDIR else { return failure(.system(code), path) }
    return GatewayError(
      kind: .notFound, message: "there is no '\(path)'",
      hint: path.isFromRoot ? nil : "a relative path begins at \(base)")
  }

  private static func failure(_ failure: FileReading.Failure, _ path: String) -> GatewayError {
    GatewayError(kind: .invalid, message: "'\(path)' \(failure.reason)")
  }

  private static func nowhere(_ path: String) -> GatewayError {
    GatewayError(kind: .invalid, message: "'\(path)' leads to no place that has a name")
  }

  private static func unwritable(_ code: Int32, _ path: String) -> GatewayError {
    GatewayError(kind: .invalid, message: "'\(path)' cannot be written: \(String(cString: strerror(code)))")
  }
}

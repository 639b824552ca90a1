internal import Foundation
internal import GatewayAPI
internal import Glibc

/// What `local start` leaves for other commands while it runs: where it listens, and who it is.
struct LocalGatewayRecord: Sendable, Hashable {
  let url: String
  let pid: Int32

  /// Where it is left: among the user's sockets, or beside the data where there is no such folder.
  static func path(_ variables: EnvironmentVariables) throws -> String {
    guard let folder = variables["XDG_RUNTIME_DIR"], folder.hasPrefix("/") else {
      return try variables.folder("XDG_DATA_HOME", default: ".local/share") + "/local-gateway.json"
    }
    return folder + "/apig-lua/local-gateway.json"
  }

  /// The gateway that runs; nil when none does. What a killed one has left does not count.
  static func current(_ variables: EnvironmentVariables) throws -> LocalGatewayRecord? {
    guard let data = FileManager.default.contents(atPath: try path(variables)),
      let document = try? Document(json: Array(data)), let url = document["url"]?.stringValue,
      let pid = document["pid"]?.integerValue.flatMap(Int32.init(exactly:)), pid > 0
    else { return nil }
    guard kill(pid, 0) == 0 || errno == EPERM else { return nil }
    return LocalGatewayRecord(url: url, pid: pid)
  }

  /// The URL under which programs of this machine reach a gateway that listens on all its addresses, or on one.
  static func reachable(_ url: String) -> String {
    url.replacing("//0.0.0.0:", with: "//127.0.0.1:").replacing("//[::]:", with: "//[::1]:")
  }

  /// Writes it, for the user alone.
  ///
  /// - Throws: ``ConfigurationError``.
  func leave(_ variables: EnvironmentVariables) throws {
    let path = try Self.path(variables)
    let document: Document = ["url": .string(url), "pid": .integer(Int64(pid))]
    let draft = "\(path).\(pid)"
    do {
      try FileManager.default.createDirectory(
        at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw ConfigurationError(message: "\(path) cannot be written: \(error.localizedDescription)")
    }
    let isMade = FileManager.default.createFile(
      atPath: draft, contents: Data(document.json), attributes: [.posixPermissions: 0o600])
    // Whoever reads meanwhile finds the old one or the new one.
    guard isMade, rename(draft, path) == 0 else {
      throw ConfigurationError(message: "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  /// Removes what this process has left, unless another gateway has left its own since.
  static func removeOwn(_ variables: EnvironmentVariables) {
    guard let path = try? path(variables), let left = try? current(variables), left.pid == getpid() else { return }
    unlink(path)
  }
}

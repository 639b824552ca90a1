import Foundation
import LuaIsolation

/// The worker under a name of its own, by which its process can be found.
final class WorkerLink {
  let worker: LuaWorker
  private let name: String

  /// - Parameter name: at most 15 characters, for the system keeps no more.
  init(named name: String) throws {
    self.name = name
    let path = Self.path(name)
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: LuaWorker.forTests.executable)
    worker = LuaWorker(executable: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: Self.path(name)) }

  static func path(_ name: String) -> String { FileManager.default.temporaryDirectory.appending(path: name).path }

  /// The process, while it lives.
  var process: pid_t? {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.lazy.compactMap(pid_t.init).first { process in
      // "7 (name) R …": Z is one that only waits to be reaped.
      let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      return status?.contains("(\(name)) ") == true && status?.contains("(\(name)) Z") == false
    }
  }
}

/// How many descriptors this process has open.
var openDescriptors: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? -1 }

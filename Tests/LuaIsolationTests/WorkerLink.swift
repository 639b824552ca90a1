import Foundation
import LuaIsolation

/// The worker under a name of its own, by which its process can be found.
final class WorkerLink {
  let worker: LuaWorker
  private let name: String
  private let path: URL

  /// - Parameter name: at most 15 characters, for the system keeps no more.
  init(named name: String) throws {
    self.name = name
    path = FileManager.default.temporaryDirectory.appending(path: name)
    try? FileManager.default.removeItem(at: path)
    try FileManager.default.createSymbolicLink(
      at: path, withDestinationURL: URL(filePath: LuaWorker.forTests.executable))
    worker = LuaWorker(executable: path.path)
  }

  deinit { try? FileManager.default.removeItem(at: path) }

  /// The process, while it lives.
  var process: pid_t? {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.lazy.compactMap(pid_t.init).first { process in
      (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) == name + "\n"
    }
  }
}

/// How many descriptors this process has open.
var openDescriptors: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? -1 }

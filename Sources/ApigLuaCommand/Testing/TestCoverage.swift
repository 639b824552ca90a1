internal import Foundation
internal import LuaRuntime
internal import ScriptAnalysis
internal import Synchronization

/// Which lines of playbooks and their modules the tests ran, over all their runs.
final class TestCoverage: Sendable {
  private struct File {
    var source: [UInt8]
    var counts: [Int]
  }

  /// By absolute path.
  private let files = Mutex<[String: File]>([:])

  /// Adds what one run counted.
  ///
  /// - Parameter file: where a chunk comes from, and its text; nil for one that lies in no file.
  func add(_ counts: LuaLineCounts, file: (_ chunk: String) -> (path: String, source: [UInt8])?) {
    for chunk in counts.chunks {
      guard let (path, source) = file(chunk) else { continue }
      let lines = counts[chunk]
      files.withLock { files in
        let path = URL(filePath: path).standardizedFileURL.path
        // One that was changed meanwhile counts as what it is now.
        if let known = files[path], known.source == source {
          let count = max(known.counts.count, lines.count)
          files[path]?.counts = (0..<count).map { index in
            (known.counts.indices.contains(index) ? known.counts[index] : 0)
              + (lines.indices.contains(index) ? lines[index] : 0)
          }
        } else {
          files[path] = File(source: source, counts: lines)
        }
      }
    }
  }

  /// - Parameter folder: files below it are named from there.
  func report(in folder: String) -> [FileCoverage] {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return files.withLock(\.self).sorted { $0.key < $1.key }.compactMap { path, file in
      guard let lines = LineCoverage(of: file.source, counts: file.counts) else { return nil }
      return FileCoverage(path: path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path, lines: lines)
    }
  }
}

/// What the tests ran of a file.
struct FileCoverage: Sendable {
  let path: String
  let lines: LineCoverage
}

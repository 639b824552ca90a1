internal import Foundation

/// A file that is written where there is none yet.
struct NewFile: Sendable {
  /// Absolute.
  let path: String
  let text: String

  /// Writes it, with the folders above it.
  ///
  /// - Returns: whether it was written; false where something is there already.
  /// - Throws: ``UsageError``.
  func write() throws -> Bool {
    let url = URL(filePath: path)
    do {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      // What stands there by then, a link to nowhere too, stays.
      try Data(text.utf8).write(to: url, options: .withoutOverwriting)
      return true
    } catch let error as CocoaError where error.code == .fileWriteFileExists && Self.isThere(path) {
      return false
    } catch {
      throw UsageError(message: "\(path) cannot be written: \((error as NSError).localizedDescription)")
    }
  }

  private static func isThere(_ path: String) -> Bool {
    (try? FileManager.default.attributesOfItem(atPath: path)) != nil
  }
}

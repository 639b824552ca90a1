internal import Foundation
internal import GatewayAPI
internal import LuaRuntime

/// A file that a command is to write.
struct ReplaceableFile: Sendable {
  let path: String

  /// Refuses to replace what is of another kind: a slip of the hand must not cost a script.
  ///
  /// - Parameters:
  ///   - kind: what the file is to hold: "plan".
  ///   - isOfKind: whether a document is such a one.
  /// - Throws: ``UsageError``.
  func require(_ kind: String, _ isOfKind: (Document) -> Bool) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let document = (try? TextFile.read(path)).flatMap { try? Document(json: $0) }
    guard document.map(isOfKind) ?? false else {
      throw UsageError(
        message: "\(path) is there already and is no \(kind)", hint: "--out takes a new file, or a \(kind)'s")
    }
  }
}

internal import Foundation
internal import GatewayAPI
internal import LuaRuntime
internal import OpenAPIDiff
internal import Yams

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
    try require(kind) { text in (try? Document(json: text)).map(isOfKind) ?? false }
  }

  /// The same for definitions, which may be YAML, too.
  func requireDefinition() throws {
    try require("definition") { text in
      if let document = try? Document(json: text) { return OpenAPIDefinition.isDefinition(document) }
      let node = try? Yams.compose(yaml: String(decoding: text, as: UTF8.self))
      return node?["openapi"] != nil || node?["swagger"] != nil
    }
  }

  /// - Throws: ``UsageError`` when it cannot be written; then it is what it was.
  func write(_ bytes: [UInt8]) throws {
    do {
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw UsageError(message: "\(path) cannot be written: \((error as NSError).localizedDescription)")
    }
  }

  private func require(_ kind: String, isOfKind: ([UInt8]) -> Bool) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    guard let text = try? TextFile.read(path), isOfKind(text) else {
      throw UsageError(
        message: "\(path) is there already and is no \(kind)", hint: "--out takes a new file, or a \(kind)'s")
    }
  }
}

import Foundation
import LuaRuntime

/// The Lua files of this repository, and Lua's own verdict on a text.
enum Corpus {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    .standardizedFileURL

  static func files(in folder: String) throws -> [(name: String, source: [UInt8])] {
    let folder = root.appending(path: folder)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".lua") }.sorted()
      .map { (name: $0, source: Array(try Data(contentsOf: folder.appending(path: $0)))) }
  }

  static let playbooks = "scripts/playbooks"

  static let folders = [
    playbooks, "Sources/GatewayScripting/Resources", "Sources/ApigLuaCommand/Resources",
    "Tests/ApigLuaCommandTests/Examples", "Tests/Fuzzing/Seeds/script", "Tests/LuaRuntimeTests/Attacks",
  ]

  static func playbook(_ name: String) throws -> String {
    try String(contentsOf: root.appending(path: "\(playbooks)/\(name).lua"), encoding: .utf8)
  }
}

/// Lua's own compiler.
struct Judge: Sendable {
  private let engine: LuaEngine

  init() async throws { engine = try await LuaEngine { _ in } }

  /// What it says against a text; nil when it takes it.
  func complaint(on source: [UInt8]) async throws -> String? {
    do throws(LuaError) {
      try await engine.check(LuaChunk(name: "text.lua", source: source))
      return nil
    } catch {
      return error.message
    }
  }
}

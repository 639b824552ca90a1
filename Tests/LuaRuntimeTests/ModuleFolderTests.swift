import Foundation
import LuaRuntime
import Testing

@Suite(.timeLimit(.minutes(5))) struct ModuleFolderTests {
  /// Runs a script beside some files; links are given as `-> target`.
  private func run(_ script: String, _ files: [String: String]) async throws -> [LuaValue] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "modules-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files.sorted(by: { $0.key < $1.key }) {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      if text.hasPrefix("-> ") {
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: String(text.dropFirst(3)))
      } else {
        try text.write(to: file, atomically: true, encoding: .utf8)
      }
    }
    let modules = LuaModuleFolder(path: folder.path)
    let engine = try await LuaEngine(moduleSource: { try modules.source(of: $0) }, output: { _ in })
    return try await engine.run(LuaChunk(name: "main.lua", source: script))
  }

  @Test func modulesAreFoundByNameAndLoadedOnce() async throws {
    let results = try await run(
      "local a, b = require 'lib.one', require 'lib.one' return a == b, a.n, require('two').n",
      ["lib/one.lua": "return { n = 1 }", "two/init.lua": "return { n = 2 }"])
    #expect(results == [true, 1, 2])
  }

  @Test func aModuleHasTheScriptsSandboxAndNamesItselfInErrors() async throws {
    let error = await #expect(throws: LuaError.self) {
      _ = try await run("require 'bad'", ["bad.lua": "local x = 1\nio.open('x')"])
    }
    #expect(error?.location?.description == "bad.lua:2")
  }

  @Test(arguments: [
    "../secret", "..", ".", "", "a..b", "/etc/passwd", "a/b", "a.b/c", "a\\0b", "é", "lib.", ".lib",
    String(repeating: "a.", count: 100_000) + "b",
  ])
  func whatIsNoPlainNameIsRefused(_ name: String) async throws {
    let results = try await run(
      "local ok, e = pcall(require, '\(name)') return ok, tostring(e)", ["secret.lua": "return 1"])
    #expect(results.first == false)
    #expect(results.last?.stringValue?.contains("module") == true)
  }

  @Test func noLinkIsFollowed() async throws {
    let outside = FileManager.default.temporaryDirectory.appending(path: "outside-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: outside, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: outside) }
    try "return 'outside'".write(to: outside.appending(path: "m.lua"), atomically: true, encoding: .utf8)
    let results = try await run(
      "return select(2, pcall(require, 'file')).message, select(2, pcall(require, 'folder.m')).message",
      ["file.lua": "-> \(outside.path)/m.lua", "folder": "-> \(outside.path)"])
    for result in results { #expect(result.stringValue?.contains("symbolic link") == true, "\(results)") }
  }

  @Test func bytecodeAndWhatIsTooLargeAreRefused() async throws {
    let results = try await run(
      "return pcall(require, 'code'), pcall(require, 'big')",
      ["code.lua": "\u{1B}Lua", "big.lua": String(repeating: "-", count: (1 << 20) + 1)])
    #expect(results.first == false && results[1] == false)
  }

  @Test func aCircleIsRefused() async throws {
    let error = await #expect(throws: LuaError.self) {
      _ = try await run("require 'a'", ["a.lua": "return require 'b'", "b.lua": "return require 'a'"])
    }
    #expect(error?.message.contains("a") == true)
  }
}

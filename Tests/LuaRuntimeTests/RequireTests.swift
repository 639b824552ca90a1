import LuaRuntime
import Testing

/// How `require` finds modules, and what it does when several want one.
@Suite(.timeLimit(.minutes(2))) struct RequireTests {
  /// A prelude that knows modules of its own, each found anew, after a while.
  static let finding = LuaModule(
    name: "[finding]", functions: [.async("later") { $0.arguments }],
    prelude: """
      local host = ...
      host.finder(function(name)
        if not name:find "^found%." then return false end
        return true, { name = host.later(name) }
      end)
      return { weak = host.weak }
      """)

  private func run(_ source: String, _ modules: [String: String] = [:]) async throws -> [LuaValue] {
    let engine = try await engine(modules: [Self.finding, hostModule, toolsModule]) { name in
      modules[name].map { ("\(name).lua", Array($0.utf8)) }
    }
    return try await engine.run(LuaChunk(name: "release.lua", source: source))
  }

  @Test func aPreludeFindsWhatIsNowhereElse() async throws {
    let results = try await run(
      """
      local name
      table.sort({ 2, 1 }, function() name = require("found.b").name return false end)
      return require("found.a").name, name, require "mine"
      """, ["mine": "return 'own'"])
    #expect(results == ["found.a", "found.b", "own"])
  }

  @Test func preludesOfTheHostsOwnAreNoModules() async throws {
    let results = try await run(
      """
      local _, first = pcall(require, "[finding]")
      local _, second = pcall(require, "nowhere")
      return first, second
      """)
    #expect(
      results == [
        "module '[finding]' not found (available: host, tools)", "module 'nowhere' not found (available: host, tools)",
      ])
  }

  @Test func onlyWhoeverLoadsAModuleIsInACircle() async throws {
    let results = try await run(
      """
      local each = tools.each
      local _, failed = each({ 1, 2 }, 2, "return", function() return require "slow" end)
      local _, within = pcall(require, "loop")
      return #failed, failed[1].error, within, require("slow").name
      """,
      [
        "slow": "return require 'found.x'",
        "loop": "tools.each({ 1 }, 1, 'raise', function() require 'loop' end)",
      ])
    #expect(results[0] == 1)
    #expect(results[1].stringValue?.contains("is being loaded by another task") == true)
    #expect(results[2].stringValue?.contains("requires itself (a cycle)") == true)
    #expect(results[3] == "found.x")
  }

  @Test func aModuleThatWasStoppedMayBeLoadedAgain() async throws {
    let engine = try await engine(limits { $0.luaTime = .milliseconds(200) }) { name in
      name == "slow" ? ("slow.lua", Array("while not go do end return 'loaded'".utf8)) : nil
    }
    let error = await #expect(throws: LuaError.self) {
      try await engine.run(LuaChunk(name: "a", source: "require 'slow'"))
    }
    #expect(error?.limit == .time)
    #expect(try await engine.run(LuaChunk(name: "b", source: "go = true return require 'slow'")) == ["loaded"])
  }
}

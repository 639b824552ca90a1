import LuaRuntime
import Testing

@testable import ScriptAnalysis

@Suite struct SandboxLibraryTests {
  @Test func theSandboxHasTheGlobalsThatAreKnownAndNoOthers() async throws {
    let module = LuaModule(name: "apig", functions: [])
    let engine = try await LuaEngine(modules: [module]) { _ in }
    let results = try await engine.run(
      LuaChunk(
        name: "list.lua",
        source: """
          local names = {}
          for name, value in pairs(_G) do
            if type(value) == "table" and name ~= "_G" and name ~= "apig" then
              for member in pairs(value) do names[#names + 1] = name .. "." .. member end
            else
              names[#names + 1] = name
            end
          end
          return names
          """))
    let names = results[0].tableValue?.sequence.compactMap(\.stringValue) ?? []
    let members = SandboxLibrary.tables.flatMap { table, names in names.map { "\(table).\($0)" } }
    #expect(Set(names).union(["_ENV"]) == SandboxLibrary.globals.union(members))
    #expect(SandboxLibrary.absent.isDisjoint(with: SandboxLibrary.allGlobals))
  }
}

import Foundation
import LuaRuntime
import Testing

/// The documentation's example is a file that is compiled and run.
@Suite struct DocumentationTests {
  private static let script = "local item = ...\nreturn shop.price(item) + shop.price \"apple\""

  @Test func theExampleIsTheCompiledFile() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
    let article = tests.appending(path: "../../Sources/LuaRuntime/LuaRuntime.docc/Embedding.md")
    let text = try String(contentsOf: article, encoding: .utf8)
    let example = try String(contentsOf: tests.appending(path: "EmbeddingExample.swift"), encoding: .utf8)
    let start = try #require(example.range(of: "struct NoSuchItem"))
    #expect(text.contains("import LuaRuntime\n\n" + example[start.lowerBound...] + "```"))
    #expect(text.contains("```lua\n" + Self.script + "\n```"))
  }

  @Test func theExampleRuns() async throws {
    #expect(try await totalPrice(of: Self.script) == 7)
    let error = await #expect(throws: LuaError.self) { try await totalPrice(of: "return shop.price 'plum'") }
    #expect(error?.message == "there is no item 'plum'")
  }
}

import GatewayAPI
import LuaRuntime
import Testing

@Suite(.timeLimit(.minutes(5))) struct WaveTests {
  private func sizes(of count: Int, _ shares: String) async throws -> Document {
    try await ScriptHarness.with { harness in
      try await harness(
        """
        local list, sizes = {}, {}
        for i = 1, \(count) do list[i] = i end
        for wave in apig.waves(list, \(shares)) do
          sizes[#sizes + 1] = #wave.items
          assert(wave.index == #sizes and wave.label == wave.index .. "/" .. wave.count)
          assert(wave.first == (wave.index == 1) and wave.last == (wave.index == wave.count))
        end
        return sizes
        """)
    }
  }

  @Test(arguments: [
    (36, "{ 1, '10%', '50%', '100%' }", [1, 3, 14, 18]), (40, "{ 1, '10%', '50%', '100%' }", [1, 3, 16, 20]),
    (3, "{ 1, '10%', '100%' }", [1, 2]), (1, "{ 1, '10%', '100%' }", [1]), (10, "{ '50%' }", [5]),
    (10, "{ 3, 5 }", [3, 2]), (4, "{ 3, 99 }", [3, 1]), (20, "{ 5, '10%', '100%' }", [5, 15]),
    (1000, "{ '1.1%', '100%' }", [11, 989]), (0, "{ 1, '100%' }", []), (8, "{ ' 25 % ', '25%', '100%' }", [2, 6]),
  ])
  func sharesAreCumulative(_ count: Int, _ shares: String, _ expected: [Int64]) async throws {
    #expect(try await sizes(of: count, shares) == .array(expected.map(Document.integer)))
  }

  @Test func everyItemComesOnceAndInOrder() async throws {
    let items = try await ScriptHarness.with { harness in
      try await harness(
        """
        local list, seen = { "a", "b", "c", "d", "e" }, {}
        for wave in apig.waves(list, { 1, "50%", "100%" }) do
          list[#list] = nil
          for _, item in ipairs(wave.items) do seen[#seen + 1] = item end
        end
        return table.concat(seen)
        """)
    }
    #expect(items == "abcde")
  }

  @Test(arguments: [
    ("{ '50%', '10%' }", "share 2 of 'waves' is less than one before it"),
    ("{ 5, 2 }", "share 2 of 'waves' is less than one before it"),
    ("{ 0, '100%' }", "share 1 of 'waves' is 0"), ("{ '0%' }", "share 1 of 'waves' is '0%'"),
    ("{ '101%' }", "share 1 of 'waves' is '101%'"), ("{ 'all' }", "share 1 of 'waves' is 'all'"),
    ("{ 1.5 }", "share 1 of 'waves' is 1.5"), ("{ -1 }", "share 1 of 'waves' is -1"), ("{ '7' }", "is '7'"),
    ("{}", "'waves' needs shares"), ("'100%'", "bad argument #2 to 'waves'"),
  ])
  func wrongSharesAreNamedAtTheCallersLine(_ shares: String, _ message: String) async throws {
    try await ScriptHarness.with { harness in
      let error = await #expect(throws: LuaError.self) {
        try await harness("\nlocal w = apig.waves({ 1, 2 }, \(shares))")
      }
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
      #expect(error?.location?.description == "test.lua:2")
      #expect(error?.value.tableValue?["kind"] == "usage")
    }
  }

  @Test func waysThroughAreShown() async throws {
    try await ScriptHarness.with { harness in
      try await harness("for _ in apig.waves({ 1, 2, 3 }, { 1, '100%' }) do end")
      #expect(
        harness.output.lines == [
          "waveBegan(label: \"1/2\", count: 1, behind: 0, total: 3)", "waveEnded(label: \"1/2\", count: 1)",
          "waveBegan(label: \"2/2\", count: 2, behind: 1, total: 3)", "waveEnded(label: \"2/2\", count: 2)",
        ])
    }
  }
}

import GatewayAPI
import GatewayScripting
import LuaRuntime
import Testing

/// Scripts that are typed piece by piece.
@Suite(.timeLimit(.minutes(2))) struct ConsoleTests {
  private func withConsole(
    _ limits: LuaLimits = LuaLimits(), _ body: @escaping @Sendable (ScriptConsole) async throws -> Void
  ) async throws {
    try await ScriptHarness.with { gateway in
      let console = try await ScriptConsole(ScriptRunner(limits: limits), in: gateway.context())
      try await body(console)
      await console.close()
    }
  }

  private func evaluate(_ console: ScriptConsole, _ text: String) async throws -> [ConsoleValue] {
    switch await console.read(text, name: "typed") {
    case .ready(let chunk): return try await console.evaluate(chunk)
    case .incomplete: throw CancellationError()
    case .invalid(let error): throw error
    }
  }

  @Test(arguments: [
    "for i = 1, 2 do", "x =", "apig.history{", "f(", "function f()", "s = [[", "s = 'open", "--[[ a",
    "if true then\nprint(1)",
    "{ 1,",
    "1 +",
  ])
  func whatMoreLinesCanCompleteIsNoError(_ text: String) async throws {
    try await withConsole { (console) async throws in
      guard case .incomplete = await console.read(text, name: "typed") else {
        Issue.record("\(text)")
        return
      }
    }
  }

  @Test func anotherConsoleTakesWhatIsData() async throws {
    try await ScriptHarness.with { gateway in
      let first = try await ScriptConsole(ScriptRunner(), in: gateway.context())
      let second = try await ScriptConsole(ScriptRunner(), in: gateway.context())
      _ = try await evaluate(first, "x, t = 2, { 1, { a = 'b' } } function f() end t2 = { f }")
      _ = try await evaluate(first, "h = apig.history{ api = 'pay-create', env = 'RELEASE' }")
      _ = try await evaluate(second, "x = 3")
      let left = try await second.takeGlobals(of: first)
      #expect(left == ["f", "t2"])
      // What is there stays, and what was taken is a copy.
      #expect(try await evaluate(second, "x, t[2].a, f") == [.plain(3), .plain("b"), .plain(.nil)])
      #expect(
        try await evaluate(second, "#h, h:effective().version_no") == evaluate(first, "#h, h:effective().version_no"))
      _ = try await evaluate(second, "t[2].a = 'c'")
      #expect(try await evaluate(first, "t[2].a") == [.plain("b")])
      await first.close()
      await second.close()
    }
  }

  @Test(arguments: ["x = = 1", "end", "for i = 1 do", ")", "x y"])
  func whatNothingCanCompleteIsAnError(_ text: String) async throws {
    try await withConsole { (console) async throws in
      guard case .invalid(let error) = await console.read(text, name: "typed") else {
        Issue.record("\(text)")
        return
      }
      #expect(error.code == .syntax)
    }
  }

  @Test func valuesAreThoseOfTheExpressionAndOfTheLastLine() async throws {
    try await withConsole { (console) async throws in
      #expect(try await evaluate(console, "x = 2") == [])
      #expect(try await evaluate(console, "x, nil, 'a'") == [.plain(2), .plain(.nil), .plain("a")])
      #expect(try await evaluate(console, "local y = x\ny * 21\n\n") == [.plain(42)])
      #expect(try await evaluate(console, "_ -- the last value") == [.plain(42)])
      #expect(try await evaluate(console, "-- nothing") == [])
      // What scripts can replace is not what the session rests on.
      #expect(try await evaluate(console, "require, load, table, pairs, next, select = nil") == [])
      #expect(try await evaluate(console, "{ 1 }").count == 1)
    }
  }

  @Test func whateverIsInAValueItCanBeShown() async throws {
    try await withConsole { (console) async throws in
      let values = try await evaluate(
        console,
        """
        (function()
          local t = { 1, print, f = coroutine.create(print) }
          t.self = t
          return t, setmetatable({}, { __tostring = function() return 'mine' end }),
            setmetatable({}, { __tostring = function() error 'no' end })
        end)()
        """)
      guard case .table(let table) = values[0] else {
        Issue.record("\(values)")
        return
      }
      #expect(table.items.first == .plain(1) && table.items.count == 2 && table.fields.count == 2)
      #expect(table.fields.contains { $0.key == .plain("self") && $0.value == .text("(the table itself)") })
      guard case .table(let own) = values[1], case .table(let broken) = values[2] else {
        Issue.record("\(values)")
        return
      }
      #expect(own.text == "mine" && broken.text == "(cannot be shown)")
      let long = try await evaluate(
        console, "(function() local t = {} for i = 1, 1e5 do t[i] = { i } end return t end)()")
      guard case .table(let cut) = long[0] else {
        Issue.record("\(long)")
        return
      }
      #expect(cut.items.count + cut.itemsLeft == 100_000 && cut.items.count < 1000)
    }
  }

  @Test func aLongListIsShownWithoutBeingRead() async throws {
    try await ScriptHarness.with { gateway in
      let console = try await ScriptConsole(ScriptRunner(), in: gateway.context())
      let values = try await evaluate(console, "apig.apis{ limit = 2 }")
      guard case .table(let list) = values[0] else {
        Issue.record("\(values)")
        return
      }
      #expect(list.recordName == "api" && list.items.count == 2 && (list.total ?? 0) > 2)
      await console.close()
    }
  }

  @Test func aPieceThatIsStoppedLeavesTheStateUsable() async throws {
    var limits = LuaLimits()
    limits.luaTime = .milliseconds(200)
    try await withConsole(limits) { (console) async throws in
      _ = try await evaluate(console, "kept = 1")
      let error = await #expect(throws: LuaError.self) { try await evaluate(console, "while true do end") }
      #expect(error?.limit == .time)
      let task = Task { try await evaluate(console, "pcall(function() while true do apig.now() end end)") }
      task.cancel()
      let result = await task.result
      #expect(throws: (any Error).self) { try result.get() }
      #expect(try await evaluate(console, "kept") == [.plain(1)])
    }
  }

  @Test func namesAreFoundWithoutRunningTheScriptsOwnFunctions() async throws {
    try await withConsole { (console) async throws in
      _ = try await evaluate(
        console, "t = setmetatable({ a = { b = 1 } }, { __index = function() error 'asked' end, __pairs = error })")
      #expect(await console.names(at: []).fields["t"] == "table")
      #expect(await console.names(at: ["t"]).fields == ["a": "table"])
      #expect(await console.names(at: ["t", "a"]).fields == ["b": "number"])
      #expect(await console.names(at: ["t", "x", "y"]).fields == [:])
      #expect(await console.names(at: ["apig"]).fields["publish"] == "function")
      _ = try await evaluate(console, "h = apig.history{ api = 'pay-create', env = 'RELEASE' }")
      #expect(await console.names(at: ["h"]).fields["effective"] == "function")
      #expect(await console.names(at: ["h", 1]).fields["remark"] != nil)
    }
  }
}

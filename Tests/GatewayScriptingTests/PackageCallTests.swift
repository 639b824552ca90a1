import GatewayAPI
import GatewayScripting
import LuaRuntime
import Testing

/// Calls between the state of a script and those of packages: what crosses, and what does not.
@Suite(.timeLimit(.minutes(5))) struct PackageCallTests {
  private static let mirror = PackageSources(
    "acme/mirror",
    """
    local M = { name = "mirror" }
    function M.same(...) return ... end
    function M.count(...) return select("#", ...) end
    function M.call(f, ...) return f(...) end
    function M.each(list, f) return apig.each(list, f) end
    function M.fail(problem) error(problem, 0) end
    function M.misuse() apig.waves() end
    function M.kind(value) return type(value), getmetatable(value) end
    return M
    """)

  /// Of packages that are none nothing is made: the script must not notice.
  @Test(arguments: [[], [mirror]]) func aMissingPackageIsMissedInTheSameWay(_ sources: [PackageSources]) async throws {
    try await ScriptHarness.with { harness in
      var runner = ScriptRunner()
      runner.packages = SourcePackages(sources: sources)
      let value = try await runner.run(
        LuaChunk(
          name: "test.lua",
          source: """
            local tells = {}
            for _, name in ipairs { "acme.none", "none", "[packages]" } do
              tells[#tells + 1] = select(2, pcall(require, name))
            end
            return tells
            """), in: harness.context())
      #expect(
        value == [
          "module 'acme.none' not found (available: apig)", "module 'none' not found (available: apig)",
          "module '[packages]' not found (available: apig)",
        ])
    }
  }

  @Test func dataCrossesAsCopies() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        local list = { 1, 2.5, "text", true, { nested = { "x" } } }
        local back = mirror.same(list)
        back[1] = "changed"
        list.after = 1
        return { back, list[1], mirror.count(nil, nil), mirror.name, #mirror.same({}) }
        """, packages: Self.mirror)
      #expect(value == [["changed", .number(2.5), "text", true, ["nested": ["x"]]], 1, 2, "mirror", 0])
    }
  }

  @Test func recordsKeepTheirClassAndListsAreReadToTheirEnd() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        local apis = mirror.same(apig.apis { group = "payments" })
        local read, problem = pcall(function() return apis[1].remarc end)
        return { #apis == apis.total, #apis:names() == #apis, read, problem.kind }
        """, packages: Self.mirror)
      #expect(value == [true, true, false, "usage"])
    }
  }

  @Test func aFunctionRunsWhereItBelongs() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        local seen = {}
        local function note(item) seen[#seen + 1] = item return #seen end
        local results = mirror.each({ "a", "b", "c" }, note)
        return { #seen, #results, mirror.same(note) == note, mirror.same(mirror.same) == mirror.same }
        """, packages: Self.mirror)
      #expect(value == [3, 3, true, true])
    }
  }

  @Test(
    "what would hand the caller's own means to a package is refused",
    arguments: [
      "apig.publish", "apig", "{ deep = { apig.gateway 'local' } }", "print", "string.format", "apig.try",
      "coroutine.create(function() end)", "coroutine.wrap(function() end)",
    ])
  func meansAreRefused(_ expression: String) async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        local passed, problem = pcall(mirror.same, \(expression))
        return { passed, problem.kind, problem.where }
        """, packages: Self.mirror)
      #expect(value == [false, "usage", "test.lua:2"])
    }
  }

  @Test func metatablesStayBehind() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        local ran = false
        local trap = function() ran = true return apig.publish end
        local bait = setmetatable({ x = 1 }, {
          __index = trap, __pairs = trap, __call = trap, __tostring = trap, __len = trap, __eq = trap, __close = trap })
        local kind, metatable = mirror.kind(bait)
        return { kind, metatable == nil, ran }
        """, packages: Self.mirror)
      #expect(value == ["table", true, false])
    }
  }

  @Test func statesShareNoGlobals() async throws {
    let spy = PackageSources(
      "acme/spy",
      """
      leaked = "package"
      _G.print = nil
      local M = {}
      function M.look() return leaked, mine, debug, io, package, os.getenv, string.rep ~= nil end
      return M
      """)
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        mine = "script"
        local leak, mine, debug, io, package, getenv, rep = require("acme.spy").look()
        return { leak, mine == nil, debug == nil, io == nil, package == nil, getenv == nil, rep, leaked == nil, print ~= nil }
        """, packages: spy)
      #expect(value == ["package", true, true, true, true, true, true, true, true])
    }
  }

  @Test func anErrorTellsBothLines() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        local _, problem = pcall(function()
          mirror.misuse()
        end)
        local _, text = pcall(mirror.fail, "plain")
        local _, own = pcall(mirror.fail, { code = 7 })
        return { problem.kind, problem.where, problem.traceback, text, own.code }
        """, packages: Self.mirror)
      let traceback = try #require(value.arrayValue?[2].stringValue)
      #expect(value.arrayValue?[0] == "usage")
      #expect(value.arrayValue?[1] == "acme/mirror/init.lua:7")
      #expect(traceback.contains("acme/mirror/init.lua:7: in "))
      #expect(traceback.hasSuffix("test.lua:3: in a call of acme/mirror"))
      #expect(value.arrayValue?[3] == "plain")
      #expect(value.arrayValue?[4] == 7)
    }
  }

  @Test func anErrorThatEndsTheRunIsTheGatewaysStill() async throws {
    let reader = PackageSources(
      "acme/reader", declared: ["read"],
      "return { get = function() local api = apig.api { api = 'no-such-api' } return api end }")
    try await ScriptHarness.with { harness in
      let error = await #expect(throws: LuaError.self) {
        try await harness("local reader = require 'acme.reader'\nreader.get()", packages: reader)
      }
      #expect((error?.underlying as? GatewayError)?.kind == .notFound)
      #expect(error?.location == LuaLocation(chunk: "acme/reader/init.lua", line: 1))
    }
  }

  @Test func whereNothingElseCanRunACallbackIsAnErrorAndACallIsNot() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        local list = { 3, 1, 2 }
        table.sort(list, function(a, b) return mirror.same(a < b) end)
        local sorted, problem = pcall(table.sort, { 3, 1, 2 }, function(a, b)
          return mirror.call(function() return a < b end)
        end)
        return { list, sorted, problem.kind, (("x"):gsub("x", function() return mirror.same "y" end)) }
        """, packages: Self.mirror)
      #expect(value == [[1, 2, 3], false, "usage", "y"])
    }
  }

  @Test func whoWaitsInPlaceForALoadThatAnotherBeganCannotBeCalledBackToo() async throws {
    let keeper = PackageSources(
      "acme/keeper", "local kept return { keep = function(f) kept = f end, use = function() return kept() end }")
    let late = PackageSources("acme/late", "apig.wait { time = 0.2 } return { x = require('acme.keeper').use() }")
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        require("acme.keeper").keep(function() return 1 end)
        local _, failures = apig.each({ 1, 2 }, { on_failure = "return" }, function(i)
          if i == 1 then return require "acme.late" end
          table.sort({ 2, 1 }, function() require "acme.late" return false end)
        end)
        return { #failures, failures[1].error.message }
        """, packages: keeper, late)
      #expect(value.arrayValue?[0] == 2)
      #expect(value.arrayValue?[1].stringValue?.hasPrefix("the script cannot be called back now") == true)
    }
  }

  @Test func concurrentCallsCallBackConcurrently() async throws {
    try await ScriptHarness.with { harness in
      // Each callback waits for the other: one after the other they would wait forever.
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        local arrived = 0
        local function meet()
          arrived = arrived + 1
          apig.wait_until({ timeout = "60s", every = 0.01 }, function() return arrived >= 2 end)
          return arrived
        end
        return mirror.each({ 1, 2 }, meet)
        """, packages: Self.mirror)
      #expect(value == [2, 2])
    }
  }

  @Test func endlessRecursionBetweenStatesIsAnError() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        local function deeper(n) return mirror.call(function() return n == 0 and 0 or 1 + deeper(n - 1) end) end
        local passed, problem = pcall(deeper, 100000)
        return { deeper(20), passed, problem.kind }
        """, packages: Self.mirror)
      #expect(value == [20, false, "usage"])
    }
  }

  @Test func packagesRequireEachOtherButNotInCircles() async throws {
    let outer = PackageSources(
      "acme/outer", "local inner = require 'acme.inner' return { greet = function(n) return inner.greet(n) end }")
    let inner = PackageSources("acme/inner", "return { greet = function(n) return 'hello ' .. n end }")
    let first = PackageSources("acme/first", "require 'acme.second'")
    let second = PackageSources("acme/second", "require 'acme.first'")
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local passed, problem = pcall(require, "acme.first")
        return { require("acme.outer").greet "you", passed, problem.message }
        """, packages: outer, inner, first, second)
      let members = try #require(value.arrayValue)
      #expect(members[0] == "hello you")
      #expect(members[1] == false)
      #expect(members[2].stringValue?.contains("a cycle") == true)
    }
  }

  @Test func aPackagesOwnModulesShareItsState() async throws {
    let parts = PackageSources(
      "acme/parts",
      modules: [
        "": "shared = 'one' local p = require 'acme.parts.piece' return { read = function() return p.read() end }",
        "piece": "return { read = function() return shared end }",
      ])
    try await ScriptHarness.with { harness in
      let value = try await harness(
        "return { require('acme.parts').read(), require('acme.parts.piece').read() }", packages: parts)
      #expect(value == ["one", "one"])
    }
  }

  @Test func aLimitThatAPackageReachesEndsTheRun() async throws {
    let greedy = PackageSources(
      "acme/greedy", "return { grow = function() local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end end }")
    var limits = LuaLimits()
    limits.memory = 4 << 20
    try await ScriptHarness.with { [limits] harness in
      let error = await #expect(throws: LuaError.self) {
        try await harness("pcall(require('acme.greedy').grow) return 'went on'", packages: greedy, limits: limits)
      }
      #expect(error?.limit == .memory)
      #expect(error?.message.hasPrefix("acme/greedy: ") == true)
    }
  }

  @Test func theRunsEndIsTheScriptsAlone() async throws {
    let bold = PackageSources(
      "acme/bold", "return { leave = function() apig.exit 'ok' end, ask = function() return apig.params {} end }")
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local bold = require "acme.bold"
        local left, first = pcall(bold.leave)
        local asked, second = pcall(bold.ask)
        return { left, first.kind, asked, second.kind }
        """, packages: bold)
      #expect(value == [false, "usage", false, "usage"])
    }
  }
}

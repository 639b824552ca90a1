import GatewayAPI
import GatewayClient
import GatewayScripting
import GatewaySigning
import GatewayTestSupport
import LuaRuntime
import ReleaseEngine
import Testing

/// What comes over from one state to another when a package does not play fair, and when there is very much of it.
@Suite(.timeLimit(.minutes(5))) struct PackageCrossingTests {
  private static let mirror = PackageSources(
    "acme/mirror", declared: ["read"],
    """
    local M, kept = {}, nil
    function M.same(...) return ... end
    function M.call(f, ...) return f(...) end
    function M.keep(f) kept = f end
    function M.use(...) return kept(...) end
    function M.fail_with_list() error({ apis = apig.apis {} }, 0) end
    function M.record_with_list()
      local record = apig.apis {}[1]
      record.extra = apig.apis {}
      return record
    end
    function M.forged_list()
      local list = apig.apis {}
      rawset(list, "cursor", 4711)
      return list
    end
    function M.fail_with_function() error({ code = 7, f = function() return 8 end, thread = coroutine.create(print) }, 0) end
    function M.deep(n) local t = {} for _ = 1, n do t = { t } end return t end
    function M.raise(kind)
      local _, problem = pcall(apig.wait, {})
      problem.kind = kind
      error(problem, 0)
    end
    function M.refused() apig.publish { api = "pay-create", env = "RELEASE" } end
    function M.rename(secret, name) secret[1].name = name return secret end
    return M
    """)

  /// Runs a script on a gateway with more APIs than a page has.
  private static func run(_ script: String, amongAPIs count: Int) async throws -> Document {
    try await withScriptedServer(answer: { PagedList(count: count).answer($0) }) { server in
      let client = try GatewayClient(
        configuration: GatewayClientConfiguration(
          endpoint: server.url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "i"),
          credentials: GatewayAuthentication.token("t"), gatewayName: "local"))
      let result: Result<Document, any Error>
      do {
        let harness = ScriptHarness(client: client, run: ReleaseRun(gateway: client))
        result = .success(try await harness(script, packages: mirror))
      } catch { result = .failure(error) }
      await client.shutdown()
      return try result.get()
    }
  }

  @Test func functionsThatNobodyHoldsAnyMoreAreForgotten() async throws {
    var limits = LuaLimits()
    limits.memory = 24 << 20
    try await ScriptHarness.with { [limits] harness in
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        for i = 1, 600 do
          local held = { ("x"):rep(100000) .. i }
          mirror.call(function() return #held end)
        end
        mirror.keep(function(x) return x * 2 end)
        for i = 1, 300 do mirror.call(function() return i end) end
        return { mirror.use(21), mirror.same(mirror.use) == mirror.use }
        """, packages: Self.mirror, limits: limits)
      #expect(value == [42, true])
    }
  }

  @Test func tasksSideBySideRequireTheSamePackage() async throws {
    let lazy = PackageSources(
      "acme/lazy", "return { go = function(x) return require('acme.mirror').same(x) end }")
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local results = apig.each({ 1, 2, 3 }, function(i) return require("acme.lazy").go(i) end)
        return { results, require("acme.mirror") == require("acme.mirror") }
        """, packages: lazy, Self.mirror)
      #expect(value == [[1, 2, 3], true])
    }
  }

  @Test func listsAreReadToTheirEndWhereverTheyAre() async throws {
    let value = try await Self.run(
      """
      local mirror = require "acme.mirror"
      local mine = apig.apis {}
      local _, problem = pcall(mirror.fail_with_list)
      local record = mirror.record_with_list()
      return { #problem.apis, #record.extra, (pcall(mirror.forged_list)), #mine }
      """, amongAPIs: 1203)
    #expect(value == [1203, 1203, false, 1203])
  }

  @Test func aListWithACursorThatNobodyGaveItIsAnError() async throws {
    let value = try await Self.run(
      """
      local list = apig.apis {}
      rawset(list, "cursor", 4711)
      local passed, problem = pcall(function() return #list end)
      return { passed, problem.kind, problem.message:find("cursor", 1, true) ~= nil }
      """, amongAPIs: 1203)
    #expect(value == [false, "usage", true])
  }

  @Test func anErrorObjectKeepsWhatCanCross() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local _, problem = pcall(require("acme.mirror").fail_with_function)
        return { problem.code, problem.f(), problem.thread == nil }
        """, packages: Self.mirror)
      #expect(value == [7, 8, true])
    }
  }

  @Test(arguments: ["mirror.deep(40)", "mirror.same(deep(40))", "mirror.same(apig.apis { limit = 1 }[1], deep(29))"])
  func whatIsNestedTooDeepIsSaidPlainly(_ call: String) async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        local function deep(n) local t = {} for _ = 1, n do t = { t } end return t end
        local passed, problem = pcall(function() return \(call) end)
        return { passed, problem.kind, problem.message, problem.hint ~= nil, mirror.same(deep(20)) ~= nil }
        """, packages: Self.mirror)
      #expect(
        value == [false, "usage", "a table nested so deep cannot be handed to another package", true, true], "\(value)")
    }
  }

  @Test func valuesOnTheirWayCountAsMemory() async throws {
    var limits = LuaLimits()
    limits.memory = 8 << 20
    try await ScriptHarness.with { [limits] harness in
      let error = await #expect(throws: LuaError.self) {
        try await harness(
          """
          local mirror, text = require "acme.mirror", ("x"):rep(1 << 20)
          local items = {}
          for i = 1, 200 do items[i] = i end
          apig.each(items, { concurrency = 200 }, function()
            mirror.call(function() apig.wait { time = "1h" } end, text)
          end)
          """, packages: Self.mirror, limits: limits)
      }
      #expect(error?.limit == .memory)
      #expect(error?.message.contains("on its way") == true, "\(String(describing: error))")
    }
  }

  @Test(arguments: ["stale", "refused", "unauthenticated", "unknown_outcome"])
  func aPackageCannotSayWhatOnlyTheHostKnows(_ kind: String) async throws {
    try await ScriptHarness.with { harness in
      let error = await #expect(throws: LuaError.self) {
        try await harness("require('acme.mirror').raise '\(kind)'", packages: Self.mirror)
      }
      #expect(error?.underlying == nil)
      #expect(error?.value.tableValue?["kind"] == "failed")
    }
  }

  @Test func whatTheHostSaidStaysWhatItIs() async throws {
    let outer = PackageSources("acme/outer", "return { go = function() require('acme.mirror').same_error() end }")
    let refusing = PackageSources(
      "acme/mirror", "return { same_error = function() apig.apis { limit = 1 } end }")
    try await ScriptHarness.with { harness in
      let error = await #expect(throws: LuaError.self) {
        try await harness("require('acme.outer').go()", packages: outer, refusing)
      }
      #expect((error?.underlying as? GatewayError)?.kind == .refused)
    }
  }

  @Test func aPackageNamesOnlySecretsThatItWasGiven() async throws {
    try await ScriptHarness.with { harness in
      var harness = harness
      harness.surroundings.permissions = Permissions(allowed: [Permission(.secret, "*")])
      harness.surroundings.secret = { name in "value of \(name)" }
      let value = try await harness(
        """
        local mirror = require "acme.mirror"
        local token, other = apig.secret "token", apig.secret "other"
        local same = tostring(mirror.same(token .. "!"))
        local passed, problem = pcall(mirror.rename, token, "third")
        mirror.same(other)
        return { same, passed, type(problem) == "table" and problem.kind }
        """, packages: Self.mirror)
      #expect(value.arrayValue?[0] == "‹secret token›!")
      #expect(value.arrayValue?[1] == false)
    }
  }

  @Test func theModuleOfThePackagesIsNobodysToRequire() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local look = require "acme.look"
        local _, mine = pcall(require, "[packages]")
        return { mine, look.look() }
        """,
        packages: PackageSources(
          "acme/look",
          """
          return { look = function()
            local found, problem = pcall(require, "[packages]")
            return found or _G["[packages]"] ~= nil or problem
          end }
          """))
      let text = "module '[packages]' not found (available: apig)"
      #expect(value.arrayValue?[0] == .string(text))
      #expect(value.arrayValue?[1].stringValue?.hasPrefix("module '[packages]' not found") == true)
      #expect(value.arrayValue?[1].stringValue?.contains("[packages],") == false)
    }
  }
}

import GatewayAPI
import GatewayScripting
import LuaRuntime
import ReleaseEngine
import Testing

/// What packages may do: what their manifests ask for and they were granted, whoever calls them.
@Suite(.timeLimit(.minutes(5))) struct PackagePermissionTests {
  /// Asks as the command does, without anybody to ask.
  private static func configuration(_ permissions: Permissions = Permissions()) -> ReleaseRun.Configuration {
    var configuration = ReleaseRun.Configuration()
    configuration.beforeChange = { change, names in
      var environment: [String] = []
      if let id = change.environmentID {
        environment = [try await names.environmentName(id: id), id].compactMap(\.self)
      }
      switch permissions.verdict(on: change, in: environment, for: .current) {
      case .granted: return
      case .missing(let error), .refused(let error): throw error
      }
    }
    return configuration
  }

  private static func refusal(
    _ script: String, of package: PackageSources, permissions: Permissions = Permissions()
  ) async throws -> GatewayError? {
    try await ScriptHarness.with(run: configuration(permissions)) { harness in
      var harness = harness
      harness.surroundings.permissions = permissions
      harness.surroundings.permit = { permission in
        guard
          case .missing(let error) = permissions.verdict(
            on: permission.kind, permission.object.isEmpty ? [] : [permission.object], for: .current)
        else { return }
        throw error
      }
      do {
        try await harness(script, packages: package)
        return nil
      } catch let error as LuaError {
        return try #require(error.underlying as? GatewayError, "\(error)")
      }
    }
  }

  private static let worker = """
    local M = {}
    function M.read() return #apig.apis { limit = 1 } end
    function M.export() return apig.export { group = "payments", env = "RELEASE", define = "proxy" } end
    function M.publish(env) return apig.publish { api = "pay-create", env = env } end
    function M.batch(env) return apig.batch { action = "online", apis = { "pay-create" }, env = env } end
    function M.offline(env) return apig.offline { api = "pay-create", env = env } end
    function M.group(env) return apig.publish { group = "payments", env = env } end
    function M.switch(env) return apig.switch_version { api = "pay-create", env = env, version = -1 } end
    function M.by_id(env)
      return apig.publish { api = "pay-create", env_id = apig.envs { name = env }[1].id }
    end
    function M.draft() return apig.create_group { name = "mine" } end
    function M.debug() return apig.debug { api = "pay-create", mode = "DEVELOPER", scheme = "HTTP", method = "GET", path = "/" } end
    function M.secret() return apig.secret "token" end
    function M.http() return apig.http.get { url = "https://evil.example/?q=1" } end
    function M.gateway() return apig.gateway("prod"):apis {} end
    function M.call(f) return f() end
    function M.try(env)
      local done, problem = apig.try.publish { api = "pay-create", env = env }
      return done, problem
    end
    return M
    """

  @Test(
    "nothing is allowed by default, not even reading",
    arguments: [
      "read()", "export()", "publish('RELEASE')", "batch('RELEASE')", "offline('RELEASE')", "group('RELEASE')",
      "switch('RELEASE')", "draft()", "debug()", "secret()", "http()",
    ])
  func nothingByDefault(_ call: String) async throws {
    let error = try await Self.refusal(
      "require('acme.worker').\(call)", of: PackageSources("acme/worker", Self.worker))
    #expect(error?.kind == .refused)
    #expect(error?.message.hasPrefix("acme/worker 2.1.0 wants ") == true)
  }

  @Test(
    "what is granted may be done",
    arguments: [
      ("read()", ["read"]), ("export()", ["export"]), ("publish('RELEASE')", ["publish:RELEASE"]),
      ("batch('RELEASE')", ["publish:RELEASE"]), ("group('RELEASE')", ["publish:*"]),
      ("by_id('RELEASE')", ["read", "publish:RELEASE"]),
    ])
  func granted(_ call: String, _ permissions: [String]) async throws {
    let error = try await Self.refusal(
      "require('acme.worker').\(call)", of: PackageSources("acme/worker", declared: permissions, Self.worker))
    #expect(error == nil)
  }

  @Test(
    "a permission is for one thing and one environment",
    arguments: [
      ("publish('RELEASE')", "publish:RELEASE"), ("by_id('RELEASE')", "publish:RELEASE"),
      ("batch('RELEASE')", "publish:RELEASE"), ("group('RELEASE')", "publish:RELEASE"),
      ("offline('RELEASE')", "offline:RELEASE"), ("switch('RELEASE')", "switch:RELEASE"),
    ])
  func anotherEnvironment(_ call: String, _ wanted: String) async throws {
    let package = PackageSources(
      "acme/worker", declared: ["read", "publish:STAGING", "offline:STAGING", "switch:STAGING"], Self.worker)
    let error = try await Self.refusal("require('acme.worker').\(call)", of: package)
    #expect(error?.message == "acme/worker 2.1.0 wants \(wanted)")
  }

  @Test func aGrantBeyondTheManifestCountsForNothing() async throws {
    let package = PackageSources(
      "acme/worker", declared: ["read"], granted: ["read", "publish:RELEASE"], Self.worker)
    let error = try await Self.refusal("require('acme.worker').publish('RELEASE')", of: package)
    #expect(error?.hint?.contains("its manifest does not ask for that") == true)
  }

  @Test func whatTheScriptMayDoIsNothingToThePackage() async throws {
    let permissions = Permissions(allowed: [
      Permission(.secret, "*"), Permission(.http, "*"), Permission(.publish, "*"),
    ])
    for call in ["secret()", "http()", "publish('RELEASE')"] {
      let error = try await Self.refusal(
        "require('acme.worker').\(call)", of: PackageSources("acme/worker", Self.worker), permissions: permissions)
      #expect(error?.kind == .refused, "\(call)")
    }
  }

  @Test func whatIsDeniedIsDeniedToPackagesToo() async throws {
    let permissions = Permissions(denied: [Permission(.publish, "RELEASE")])
    let error = try await Self.refusal(
      "require('acme.worker').publish('RELEASE')",
      of: PackageSources("acme/worker", declared: ["publish:RELEASE"], Self.worker), permissions: permissions)
    #expect(error?.message == "publish:RELEASE is denied")
  }

  @Test(arguments: [
    "return apig.publish { group = 'payments', env = 'RELEASE', if_changed = true, on_failure = 'return' }",
    "return apig.publish { api = 'pay-create', env = 'RELEASE', only_if_same_as = 'TEST' }",
    "return apig.publish { api = 'no-such', env = 'RELEASE' }",
  ])
  func whoMayNothingLearnsNothingByTrying(_ code: String) async throws {
    let package = PackageSources("acme/spy", "return { go = function() \(code) end }")
    let error = try await Self.refusal("require('acme.spy').go()", of: package)
    #expect(error?.message == "acme/spy 2.1.0 wants publish:RELEASE")
  }

  @Test func conditionsAreReads() async throws {
    let package = PackageSources(
      "acme/spy", declared: ["publish:RELEASE"],
      "return { go = function() apig.publish { group = 'payments', env = 'RELEASE', if_changed = true } end }")
    let error = try await Self.refusal("require('acme.spy').go()", of: package)
    #expect(error?.message == "acme/spy 2.1.0 wants read")
  }

  @Test func otherGatewaysAreOutOfReach() async throws {
    let error = try await Self.refusal(
      "require('acme.worker').gateway()", of: PackageSources("acme/worker", declared: ["read"], Self.worker))
    #expect(error?.message == "acme/worker 2.1.0 wants the gateway 'prod'")
  }

  @Test func aCallbackDoesWhatItsOwnerMay() async throws {
    let error = try await Self.refusal(
      """
      local worker = require "acme.worker"
      worker.call(function() apig.publish { api = "pay-create", env = "RELEASE" } end)
      """, of: PackageSources("acme/worker", Self.worker))
    #expect(error == nil)
  }

  @Test func anErrorThatIsCaughtLeavesNothingDone() async throws {
    try await ScriptHarness.with(run: Self.configuration()) { harness in
      let value = try await harness(
        """
        local before = #apig.history { api = "pay-create", env = "RELEASE" }
        local passed, problem = require("acme.worker").try "RELEASE"
        return { passed == nil, problem.kind, problem.where, #apig.history { api = "pay-create", env = "RELEASE" } == before }
        """, packages: PackageSources("acme/worker", Self.worker))
      #expect(value == [true, "refused", "acme/worker/init.lua:19", true])
    }
  }

  /// Runs a script that may undo, beside a package.
  private static func undoing(_ package: PackageSources, _ source: String) async throws -> Document {
    let scopes = UndoScopes()
    var configuration = Self.configuration()
    configuration.scopes = scopes
    return try await ScriptHarness.with(run: configuration) { harness in
      let run = harness.run
      let context = ScriptContext(
        facts: harness.context().facts, output: harness.output, recorder: harness.recorder, scopes: scopes,
        undo: { try await run.undo($0) }
      ) { _ in run }
      var runner = ScriptRunner()
      runner.packages = SourcePackages(sources: [package])
      return try await runner.run(
        LuaChunk(
          name: "test.lua",
          source: """
            local function effective(name)
              local version = apig.effective { api = name, env = "RELEASE" }
              return version and version.version_no or "none"
            end
            local package = require "acme.careful"
            \(source)
            """), in: context)
    }
  }

  @Test func anUndoIsNotAskedFor() async throws {
    let package = PackageSources(
      "acme/careful", declared: ["publish:RELEASE"],
      """
      return { go = function()
        apig.with_rollback(function()
          apig.publish { api = "pay-create", env = "RELEASE" }
          error("not well", 0)
        end)
      end }
      """)
    let value = try await Self.undoing(
      package,
      """
      local before = effective "pay-create"
      local passed, problem = pcall(package.go)
      return { passed, problem, effective "pay-create" == before }
      """)
    #expect(value == [false, "not well", true])
  }

  @Test func whatACallbackDidIsNotThePackagesToUndo() async throws {
    let package = PackageSources(
      "acme/careful", declared: ["publish:RELEASE"],
      """
      return { go = function(callback)
        pcall(apig.with_rollback, function()
          apig.publish { api = "pay-refund", env = "RELEASE" }
          callback()
          error("not well", 0)
        end)
        return "fine"
      end }
      """)
    let publish = "function() apig.publish { api = 'pay-create', env = 'RELEASE' } end"
    let value = try await Self.undoing(
      package,
      """
      local create, refund = effective "pay-create", effective "pay-refund"
      local said = package.go(\(publish))
      return { said, effective "pay-create" == create, effective "pay-refund" == refund }
      """)
    #expect(value == ["fine", false, true])
    // What the script encloses is all the script's, whoever did it.
    let enclosed = try await Self.undoing(
      package,
      """
      local create = effective "pay-create"
      pcall(apig.with_rollback, function() package.go(\(publish)) error("no", 0) end)
      return effective "pay-create" == create
      """)
    #expect(enclosed == true)
  }
}

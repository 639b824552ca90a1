import Foundation
import FoundationXML
import GatewayTestSupport
import Testing

/// `apig-lua test`: what it runs, what it tells, and what it keeps specs from.
@Suite(.timeLimit(.minutes(10))) struct SpecTests {
  private static let playbooks = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../scripts/playbooks").standardizedFileURL

  /// Runs one spec.
  private func run(_ spec: String, _ options: String..., files: [String: String] = [:]) async throws -> Command.Result {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      for (name, text) in files { try command.write(text, to: name) }
      try command.write(spec, to: "a_spec.lua")
      return try await command.run(["test", "a_spec.lua"] + options)
    }
  }

  @Test(arguments: ["release", "canary", "restore", "drift", "retire"])
  func theSpecOfAPlaybookPasses(_ name: String) async throws {
    try await withTemporaryFolder { folder in
      let spec = Self.playbooks.appending(path: "spec/\(name)_spec.lua").path
      let result = try await Command(in: folder)("test", spec, "--verbose")
      #expect(result.status == 0, "\(result.output)\(result.messages)")
      #expect(result.output.contains(" passed in "))
    }
  }

  // MARK: - Vocabulary

  @Test func theWordsOfBustedMeanWhatTheyMeanThere() async throws {
    let result = try await run(
      """
      local order = {}
      local function note(word) return function() order[#order + 1] = word end end
      describe("outer", function()
        setup(note "setup")
        teardown(function() assert.same({ "setup", "before", "inner before", "one", "after one", "inner after", "after",
          "before", "two", "after", "before", "after" }, order) end)
        before_each(note "before")
        after_each(note "after")
        describe("inner", function()
          before_each(note "inner before")
          after_each(note "inner after")
          it("one", function()
            finally(note "after one")
            note "one" ()
          end)
        end)
        it("two", note "two")
        it("is thought of")
        pending("is left for later", function() error "never called" end)
        it("finds out that it cannot run", function() pending("not today") end)
      end)
      it("asserts", function()
        assert(true)
        assert.equal(2, assert(2))
        assert.equals(1, 1.0)
        assert.are.equal("a", "a")
        assert.is_not.equal({}, {})
        assert.not_equal(1, "1")
        assert.same({ a = { 1, 2, { b = "c" } } }, { a = { 1, 2, { b = "c" } } })
        assert.are_not.same({ 1 }, { 1, 2 })
        assert.not_same({ 1, 2 }, { 1 })
        assert.is_true(true)
        assert.is_false(false)
        assert.is_nil(nil)
        assert.is_not_nil(false)
        assert.truthy(0)
        assert.falsy(nil)
        assert.is_string("")
        assert.is_table {}
        assert.is_function(print)
        assert.near(1, 1.05, 0.1)
        assert.is_not.near(1, 1.2, 0.1)
        assert.matches("^a%d$", "a7")
        assert.has_error(function() error "boom" end, "boom")
        assert.has_error(function() error { kind = "mine", message = "m" } end, { kind = "mine" })
        assert.error_matches(function() error "boom 7" end, "boom %d")
        assert.has_no.errors(function() end)
        assert.has_error(function() assert.equal(1, 2) end)
        assert.has_error(function() assert.no_such_thing(1) end)
      end)
      """, "--verbose")
    #expect(result.status == 0, "\(result.output)\(result.messages)")
    #expect(result.output.contains("3 passed, 3 pending in "), "\(result.output)")
    #expect(result.output.contains("pending outer finds out that it cannot run: not today, a_spec.lua:20"))
  }

  @Test(
    arguments: [
      ("assert.equal(3, 4)", "expected 3, got 4", []),
      ("assert.equal('a', nil, 'the reason')", "the reason: expected \"a\", got nil", []),
      (
        "assert.same({ a = { b = 1, c = 2 }, d = 3 }, { a = { b = 2, c = 2 }, e = 4 })", "not the same, in 3 places",
        ["a.b: expected 1, got 2", "d: expected 3, got nil", "e: expected nil, got 4"]
      ),
      ("assert.is_not.equal(1, 1)", "expected something other than 1", []),
      ("assert.has_error(function() end)", "expected an error, and there was none", []),
      ("assert.has_no.error(function() error 'x' end)", "expected no error, got \"x\"", []),
      ("assert(false, 'plainly wrong')", "plainly wrong", []),
      ("local none; print(none.field)", "attempt to index a nil value (local 'none')", []),
      ("error { kind = 'mine', message = 'of my own' }", "of my own", []),
      ("error('a text')", "a text", []),
      ("assert.equel(1, 1)", "there is no assertion 'equel'", []),
      ("assert(nil, { message = 'as it was raised', hint = 'do so' })", "as it was raised (do so)", []),
      ("assert.equal('', ('é'):rep(201) .. 'z')", "expected \"\", got \"\(String(repeating: "é", count: 200))…\"", []),
      ("assert.equal('x' .. ('é'):rep(200), '')", "expected \"x\(String(repeating: "é", count: 199))…\"", []),
      ("assert.equal('a', '\\xFFb')", "expected \"a\", got \"\u{FFFD}b\"", []),
    ] as [(String, String, [String])])
  func aFailureNamesItsLine(_ code: String, _ message: String, _ lines: [String]) async throws {
    let result = try await run(
      "it('fails', function()\n  local x = 1\n  \(code)\nend)\nit('goes on', function() end)\n")
    #expect(result.status == 1, "\(result.messages)")
    #expect(result.output.contains("    a_spec.lua:3: \(message)"), "\(result.output)")
    for line in lines { #expect(result.output.contains("      \(line)\n"), "\(result.output)") }
    #expect(result.output.contains("1 passed, 1 "))
  }

  @Test(arguments: [
    ("it('is cut off', function()", "a_spec.lua:1: 'end' expected near <eof>"),
    ("local x = 1\nerror('too early')", "a_spec.lua:2: too early"),
    ("describe('d', function() it('t', function() end) end)\nit(7)", "a_spec.lua:2: bad argument #1 to 'it'"),
    ("setup(function() error 'no ground' end)\nit('t', function() end)", "a_spec.lua:1: setup: no ground"),
    ("describe('nothing yet', function() end)", "a_spec.lua: it holds no test"),
  ])
  func whatEndsAFileIsAnError(_ spec: String, _ message: String) async throws {
    let result = try await run(spec)
    #expect(result.status == 1 && result.output.contains(message), "\(result.output)\(result.messages)")
  }

  // MARK: - Runs

  /// Publishes one API after the other.
  private static let one = """
    local apig = require "apig"
    local p = apig.params { api = { type = "api", default = "payments-01" } }
    return apig.with_rollback(function() return apig.publish { api = p.api, env = "RELEASE" }.api_id end)
    """

  @Test(
    arguments: [
      ("{ op = 'publish', throttle = true, times = 3 }", "changed", 0),
      ("{ op = 'publish', throttle = true, retry_after = 60, times = 1 }", "changed", 0),
      ("{ op = 'publish', drop = true, when = 'before', times = 1 }", "changed", 0),
      ("{ op = 'publish', drop = true, when = 'after', times = 1 }", "changed", 0),
      ("{ op = 'publish', status = 500, when = 'after', times = 1 }", "changed", 0),
      ("{ op = 'publish', status = 503, times = 2 }", "changed", 0),
      ("{ op = 'publish', status = 404, code = 'APIG.3002' }", "failed", 1),
      ("{ op = 'publish', status = 403, api = 'payments-01' }", "failed", 1),
      ("{ op = 'publish', status = 403, api = 'payments-02' }", "changed", 0),
      ("'publish: 500 after-apply times=1'", "changed", 0),
      ("'rate 2/s'", "changed", 0),
    ] as [(String, String, Int)])
  func aFaultHappens(_ fault: String, _ outcome: String, _ exit: Int) async throws {
    let result = try await run(
      """
      local t = require "apig.test"
      it("meets a fault", function()
        local gw = t.gateway { apis = 2 }
        gw:fault(\(fault))
        local run = t.run("one.lua", {}, gw)
        assert.equal("\(outcome)", run.outcome, run.error and run.error.message)
        assert.equal(\(exit), run.exit)
        local wanted = \(exit) == 0 and { versions = 1, effective = 1 } or nil
        assert.same(wanted, gw:state().RELEASE["payments-01"])
      end)
      """, files: ["one.lua": Self.one])
    #expect(result.status == 0, "\(result.output)\(result.messages)")
  }

  /// A rule with a misprint, an unknown option, an environment that is none: each is told at its line.
  @Test(arguments: [
    ("gw:fault 'publsh: 500'", "did you mean 'publish'?"),
    ("gw:fault { op = 'publish', stauts = 500 }", "unknown option 'stauts'"),
    ("gw:snapshot 'RELAESE'", "the gateway has no environment 'RELAESE'"),
    ("t.gateway { apis = 3, published = { RELEASE = 4 } }", "0 to 3"),
    ("t.run('none.lua', {}, gw)", "there is no script 'none.lua'"),
    ("t.run({ code = 'return 1' }, {}, {})", "a gateway of t.gateway expected"),
    ("gw.no_such_operation()", "has no 'no_such_operation'"),
    ("gw:wait { time = '1s' }", "has no 'wait'"),
    ("t.resume(t.run({ code = 'return 1' }, {}, gw), { allow = 'read' })", "unknown option 'allow' to 't.resume'"),
    ("t.rollback(t.run({ code = 'return 1' }, {}, gw), { answers = true })", "unknown option 'answers'"),
    ("t.run('/etc/passwd', {}, gw)", "'/etc/passwd' lies outside of the tests' folders"),
    ("t.run(('../'):rep(20) .. 'etc/passwd', {}, gw)", "lies outside of the tests' folders"),
    ("apig.apis()", "a spec has no gateway of its own"),
    ("apig.gateway('local'):apis()", "there is no gateway 'local'"),
    ("apig.http.get { url = 'http://127.0.0.1:9/' }", "not granted"),
  ])
  func aMisuseIsToldAtItsLine(_ code: String, _ message: String) async throws {
    let result = try await run(
      "local t = require 'apig.test'\nit('is wrong', function()\n  local gw = t.gateway()\n  \(code)\nend)\n")
    #expect(result.status == 1)
    #expect(result.output.contains("a_spec.lua:4: ") && result.output.contains(message), "\(result.output)")
  }

  @Test func waitingTakesNoTime() async throws {
    let result = try await run(
      """
      local t = require "apig.test"
      it("waits a day", function()
        local gw = t.gateway()
        local run = t.run({ code = 'local b = os.time(); apig.wait { time = "24h" }; return os.time() - b' }, {}, gw)
        assert.near(86400, run.value, 60)
        assert.is_true(run.seconds >= 86400)
      end)
      """)
    #expect(result.status == 0, "\(result.output)\(result.messages)")
  }

  @Test func whatWaitsTogetherWaitsOnce() async throws {
    let result = try await run(
      """
      local t = require "apig.test"
      it("waits in eight branches", function()
        local run = t.run({ code = [[
          local began = os.time()
          apig.each({ 1, 2, 3, 4, 5, 6, 7, 8 }, { concurrency = 8 }, function() apig.wait { time = "60s" } end)
          return os.time() - began
        ]] }, {}, t.gateway())
        assert(run.value >= 60 and run.value < 480, "it took " .. tostring(run.value))
      end)
      """)
    #expect(result.status == 0, "\(result.output)\(result.messages)")
  }

  /// A test that walks away from its run, which would wait for it for ever.
  @Test func aRunThatNobodyFollowsEndsWithItsFile() async throws {
    let result = try await run(
      """
      local t = require "apig.test"
      it("walks away", function()
        local gw = t.gateway()
        coroutine.wrap(function()
          t.run({ code = "while true do pcall(apig.wait, { time = '1s' }) end" }, {}, gw, { on_wait = coroutine.yield })
        end)()
      end)
      """)
    #expect(result.status == 0 && result.output.contains("1 passed in "), "\(result.output)\(result.messages)")
  }

  /// What a spec grants its runs is its own word; a real server is reached only when the command line says so.
  @Test func onlyTheCommandLineOpensTheNetwork() async throws {
    try await withScriptedServer(answer: { _ in .json(200, "{}") }) { server in
      let spec = """
        local t = require "apig.test"
        it("turns elsewhere", function()
          local run = t.run({ code = "return apig.http.get { url = '\(server.url)/x' }.status" }, {}, t.gateway(),
            { allow = { "http:\(server.url)" } })
          assert.equal(200, run.value, run.error and run.error.message)
        end)
        """
      let refused = try await run(spec)
      #expect(
        refused.status == 1 && refused.output.contains("a test reaches its own gateway only"), "\(refused.output)")
      #expect(server.requests.isEmpty)
      let allowed = try await run(spec, "--allow", "http:\(server.url)")
      #expect(allowed.status == 0, "\(allowed.output)\(allowed.messages)")
      let misprint = try await run(spec, "--allow", "htp:x")
      #expect(misprint.status == 64 && misprint.messages.contains("did you mean 'http'?"), "\(misprint.messages)")
    }
  }

  /// The journal keeps no secret parameter: the test gives it again, wherever the run was stopped.
  @Test func aRunGoesOnWithItsSecrets() async throws {
    let result = try await run(
      """
      local t = require "apig.test"
      local script = { code = [[
        apig.params { key = { type = "string", secret = true } }
        local token = apig.secret "token"
        apig.publish { api = "payments-01", env = "RELEASE" }
        apig.wait { time = "1s" }
        apig.publish { api = "payments-02", env = "RELEASE" }
        return true
      ]] }
      it("is stopped anywhere", function()
        local waits = 0
        local whole = t.every_crash(script, { key = "s3cret-and-long" }, function() return t.gateway { apis = 2 } end,
          { secrets = { token = "t0ken" }, on_wait = function() waits = waits + 1 end })
        assert.equal("changed", whole.outcome)
        assert(waits > 1)
      end)
      it("can be undone, stopped at its last entry too", function()
        local gw = t.gateway { apis = 2 }
        local run = t.run(script, { key = "k" }, gw, { secrets = { token = "t0ken" } })
        local undone = t.rollback(run)
        assert.equal(0, undone.exit)
        gw = t.gateway { apis = 2 }
        run = t.run(script, { key = "k" }, gw, { secrets = { token = "t0ken" } })
        assert.is_true(t.rollback(run, { crash_at = #undone.journal }).crashed)
        assert.same({}, gw:snapshot "RELEASE")
      end)
      """)
    #expect(result.status == 0, "\(result.output)\(result.messages)")
  }

  /// A limit ends the script; what it changed is undone as of a real run, and only an undo can go on with that.
  @Test func aRunAtItsLimitIsUndone() async throws {
    let result = try await run(
      """
      local t = require "apig.test"
      it("comes to its limit", function()
        local gw = t.gateway { apis = 1 }
        local run = t.run({ code = [[
          apig.with_rollback(function()
            apig.publish { api = "payments-01", env = "RELEASE" }
            local all = {}
            while true do all[#all + 1] = ("x"):rep(1 << 20) .. #all end
          end)
        ]] }, {}, gw)
        assert.equal("rolled_back", run.outcome, run.error and run.error.message)
        assert.same({}, gw:snapshot "RELEASE")
        local marks = 0
        for _, entry in ipairs(run.journal) do if entry.operation == "rollback" then marks = marks + 1 end end
        assert.equal(1, marks)
      end)
      """)
    #expect(result.status == 0, "\(result.output)\(result.messages)")
  }

  @Test func aRunIsUndoneAndGoesOn() async throws {
    let result = try await run(
      """
      local t = require "apig.test"
      it("undoes a run afterwards", function()
        local gw = t.gateway { apis = 2, published = { RELEASE = 2 }, changed = 2 }
        local run = t.run("one.lua", {}, gw)
        assert.is_not.same(gw:snapshot("RELEASE", "before"), gw:snapshot "RELEASE")
        assert.equal(0, t.rollback(run).exit)
        assert.same(gw:snapshot("RELEASE", "before"), gw:snapshot "RELEASE")
      end)
      it("goes on with one that was stopped", function()
        local gw = t.gateway { apis = 2 }
        local cut = t.run("one.lua", {}, gw, { crash_at = 1 })
        assert.is_true(cut.crashed)
        assert.equal(1, #cut.journal)
        assert.same({}, gw:snapshot "RELEASE")
        assert.equal("changed", t.resume(cut).outcome)
        assert.same({ versions = 1, effective = 1 }, gw:state().RELEASE["payments-01"])
      end)
      """, files: ["one.lua": Self.one])
    #expect(result.status == 0, "\(result.output)\(result.messages)")
  }

  @Test func aRunHasTheAnswersAndSecretsOfItsTest() async throws {
    let result = try await run(
      """
      local t = require "apig.test"
      local script = { code = [[
        apig.confirm { text = "first?" }
        local ok = pcall(apig.confirm, { text = "second?" })
        local key = apig.secret "key"
        print("the key is", key)
        local answer = apig.http.post { url = "/_call/probes/hook", headers = { Authorization = key } }
        return { second = ok, status = answer.status }
      ]] }
      it("answers", function()
        local gw = t.gateway()
        gw:url "/hook"
        local run = t.run(script, {}, gw, { answers = { true, false }, secrets = { key = "s3cret" } })
        assert.same({ second = false, status = 404 }, run.value, run.error and run.error.message)
        assert.same({ "first?", "second?" }, run.questions)
        assert.same({ "the key is\t‹secret key›" }, run.output)
        assert.matches("not granted", t.run(script, {}, gw).error.message)
        assert.equal("refused", t.run(script, {}, gw, { answers = false }).outcome)
      end)
      """)
    #expect(result.status == 0, "\(result.output)\(result.messages)")
  }

  /// What a post did nobody knows when the run is stopped while it is under way, and this script does not catch that.
  @Test func everyCrashFindsWhatCannotGoOn() async throws {
    let result = try await run(
      """
      local t = require "apig.test"
      it("can be stopped anywhere", function()
        t.every_crash("tell.lua", function(gw) return { hook = gw:url "/hook" } end, function()
          return t.gateway { apis = 2 }
        end)
      end)
      """,
      files: [
        "tell.lua": """
        local apig = require "apig"
        local p = apig.params { hook = { type = "url", required = true } }
        apig.publish { api = "payments-01", env = "RELEASE" }
        apig.http.post { url = p.hook, json = { text = "published" } }
        return true
        """
      ])
    #expect(result.status == 1, "\(result.output)\(result.messages)")
    #expect(result.output.contains("a_spec.lua:3: stopped behind entry "), "\(result.output)")
    #expect(result.output.contains("(intent POST ") && result.output.contains("may or may not have happened"))
  }

  /// Nothing of the user's own is touched: neither the gateway, nor the journal, nor what `apig.yaml` says.
  @Test func aSpecReachesNothingOfTheUsers() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(
        "default_gateway: prod\ngateways:\n  prod: { endpoint: 'https://127.0.0.1:9' }\n", to: "apig.yaml")
      try command.write(Self.one, to: "one.lua")
      try command.write(
        """
        local t = require "apig.test"
        it("runs", function() assert.equal("changed", t.run("one.lua", {}, t.gateway { apis = 1 }).outcome) end)
        """, to: "a_spec.lua")
      let result = try await command("test")
      #expect(result.status == 0, "\(result.output)\(result.messages)")
      let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      #expect(left.sorted() == ["a_spec.lua", "apig.yaml", "one.lua"])
    }
  }

  // MARK: - The command

  @Test func onlyWhatIsWantedRuns() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "spec/deep"), withIntermediateDirectories: true)
      try command.write("it('one apple', function() end)\nit('one pear', error)\n", to: "spec/a_spec.lua")
      try command.write("describe('two', function() it('apples', function() end) end)\n", to: "spec/deep/b_spec.lua")
      try command.write("error('no spec')", to: "spec/helper.lua")
      let apples = try await command("test", "--filter", "APPLE", "--jobs", "1")
      #expect(apples.status == 0 && apples.output.contains("2 passed in "), "\(apples.output)\(apples.messages)")
      #expect(apples.output.contains("spec/deep/b_spec.lua  1 passed"))
      #expect(try await command("test").status == 1)
      #expect(try await command("test", "spec/deep").output.contains("1 passed in "))
      let none = try await command("test", "--filter", "cherries")
      #expect(none.status == 64 && none.messages.contains("no test's name holds 'cherries'"))
      let absent = try await command("test", "spex")
      #expect(absent.status == 64 && absent.messages.contains("there is no file or folder 'spex'"))
      let unwritable = try await command("test", "--report", "junit=spec")
      #expect(unwritable.status == 64 && unwritable.output.isEmpty && unwritable.messages.contains("it is a folder"))
      let report = try await command("test", "--report", "juint=x")
      #expect(report.status == 64 && report.messages.contains("did you mean 'junit'?"))
    }
  }

  private static let mixed = """
    describe("a <block> & more", function()
      it("passes", function() end)
      it("fails # with a \\"quote\\"", function() assert.equal("<a>", "b & \\1") end)
      it("is thought of")
      it("breaks", function() error "broken" end)
    end)
    """

  @Test func aBuildServerReadsTheReport() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(Self.mixed, to: "a_spec.lua")
      let result = try await command("test", "--output", "junit", "--report", "junit=out/tests.xml")
      #expect(result.status == 1)
      let written = try Data(contentsOf: folder.appending(path: "out/tests.xml"))
      #expect(String(decoding: written, as: UTF8.self) == result.output)
      let reader = ElementReader()
      let parser = XMLParser(data: written)
      parser.delegate = reader
      #expect(parser.parse(), "\(String(describing: parser.parserError))\n\(result.output)")
      let suite = try #require(reader.elements.first { $0.name == "testsuite" })
      #expect(suite.attributes["tests"] == "4" && suite.attributes["failures"] == "1")
      #expect(suite.attributes["errors"] == "1" && suite.attributes["skipped"] == "1")
      let cases = reader.elements.filter { $0.name == "testcase" }
      #expect(cases.map { $0.attributes["name"] } == ["passes", "fails # with a \"quote\"", "is thought of", "breaks"])
      #expect(cases.allSatisfy { $0.attributes["classname"] == "a <block> & more" })
      #expect(cases[1].attributes["line"] == "3" && cases[1].attributes["file"] == "a_spec.lua")
      let failure = try #require(reader.elements.first { $0.name == "failure" })
      #expect(failure.attributes["message"]?.hasPrefix("expected \"<a>\", got \"b & ") == true)
    }
  }

  /// Perl's own reader of the protocol.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/prove"), "Perl's prove is not installed"))
  func aReaderOfTAPReadsTheReport() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(Self.mixed, to: "a_spec.lua")
      let result = try await command("test", "--output", "tap", "--report", "tap=tests.tap")
      #expect(result.status == 1)
      #expect(try String(contentsOf: folder.appending(path: "tests.tap"), encoding: .utf8) == result.output)
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/prove")
      process.currentDirectoryURL = folder
      process.arguments = ["--exec", "cat", "tests.tap"]
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      let said = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      process.waitUntilExit()
      #expect(said.contains("Failed tests:  2, 4") && said.contains("Tests=4"), "\(said)")
      #expect(said.contains("Failed 2/4 subtests"), "\(said)")
    }
  }
}

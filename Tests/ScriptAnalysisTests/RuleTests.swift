import Foundation
import GatewayAPI
import GatewayScripting
import LuaRuntime
import ScriptAnalysis
import Testing

/// What `check` says of the playbooks, and of the same with one defect each.
@Suite(.timeLimit(.minutes(5))) struct RuleTests {
  /// A playbook in which one piece of text is replaced by what is wrong; `§` stands where the finding must begin.
  struct Defect: CustomTestStringConvertible {
    let playbook: String
    let right: String
    let wrong: String
    let severity: ScriptFinding.Severity
    let message: String
    var hint: String?

    init(
      _ playbook: String, _ right: String, _ wrong: String, _ message: String,
      _ severity: ScriptFinding.Severity = .error, hint: String? = nil
    ) {
      self.playbook = playbook
      self.right = right
      self.wrong = wrong
      self.severity = severity
      self.message = message
      self.hint = hint
    }

    var testDescription: String { "\(playbook): \(message)" }
  }

  private static func findings(
    in source: String, named name: String = "release.lua", granted: [String] = [], modules: LuaModuleSource? = nil
  ) async throws -> [ScriptFinding] {
    let permissions = Permissions(allowed: try granted.map(Permission.init))
    let checker = try await ScriptChecker(ScriptChecker.Surroundings(permissions: permissions))
    return try await checker.findings(in: LuaChunk(name: name, source: source), modules: modules)
  }

  /// The place of `§` in a text, and the text without it.
  private static func marked(_ text: String) throws -> (text: String, place: ScriptPosition) {
    let mark = try #require(text.firstIndex(of: "§"))
    let before = text[..<mark].split(separator: "\n", omittingEmptySubsequences: false)
    return (
      text.replacing("§", with: ""), ScriptPosition(line: before.count, column: (before.last?.count ?? 0) + 1)
    )
  }

  @Test(arguments: ["release", "canary", "restore", "drift", "retire"])
  func aPlaybookIsFine(name: String) async throws {
    #expect(try await Self.findings(in: Corpus.playbook(name)) == [])
  }

  static let defects = [
    Defect(
      "release", "changed_in = p.env }\nif", "changed_in = p.env\n§if",
      "'}' expected (to close '{' at line 17) near 'if'"),
    Defect(
      "canary", "env = p.env,\n  text", "§enviroment = p.env,\n  text", "unknown option 'enviroment' of apig.confirm",
      hint: "did you mean 'env'?"),
    Defect(
      "canary", "local max_failures = p.max_failures or math", "local max_failures = p.max_failures or §maths",
      "undefined global 'maths'", hint: "did you mean 'math'?"),
    Defect("canary", "local waves = 0", "local waves, §count = 0, 0", "variable 'count' is never read", .warning),
    Defect(
      "restore", "function(step)\n", "function(step, §index)\n", "parameter 'index' is never read", .warning,
      hint: "'_index' if that is meant"),
    Defect(
      "canary", "apig.waves(", "apig.§wavs(", "there is no 'apig.wavs'", hint: "did you mean 'apig.waves'?"),
    Defect(
      "canary", "apig.health.http {", "apig.health.§htpp {", "there is no 'apig.health.htpp'",
      hint: "did you mean 'apig.health.http'?"),
    Defect(
      "canary", "samples = p.samples,", "samples = §\"thirty\",",
      "option 'samples' of apig.health.http must be an integer, not a string"),
    Defect(
      "canary", "reason = \"propagation\" }", "§raeson = \"propagation\" }", "unknown option 'raeson' of apig.wait"),
    Defect(
      "restore", "apig.switch_version { api = step.api, ", "§apig.switch_version { ", "apig.switch_version needs 'api'"),
    Defect(
      "restore", "concurrency = 8 }, function(api)", "concurrency = 8, on_failure = §\"retrun\" }, function(api)",
      "option 'on_failure' of apig.each cannot be \"retrun\"", hint: "did you mean \"return\"?"),
    Defect(
      "canary", "every = p.every,", "every = §\"2 sec\",",
      "option 'every' of apig.health.http is no duration: \"2 sec\""),
    Defect(
      "restore", "for _, step in ipairs(found) do\n",
      "§for _, step in pairs(found) do\n  apig.history { api = step.api, env = p.env }\n",
      "pairs() around a gateway call: the order differs between runs, so the run could not be resumed", .warning,
      hint: "use apig.sorted(t) or a list"),
    Defect(
      "canary", "    apig.publish { apis = wave.items, ",
      "    local §res = apig.publish { on_failure = \"return\", apis = wave.items, ",
      "'res' may hold failures and is never read (on_failure = \"return\")", .warning),
    Defect(
      "canary", "    apig.publish { apis", "    §apig.try.publish { apis",
      "what apig.try.publish returns may hold failures and is never read", .warning),
    Defect(
      "canary", "    url = p.probe,", "    url = §\"https://api.example.com/pay/ping\",",
      "needs http:https://api.example.com, not granted",
      hint: "add it to permissions: in apig.yaml, or run with --allow http:https://api.example.com"),
    Defect(
      "canary", "    url = p.probe,", "    url = p.probe, headers = { [\"X-Key\"] = apig.secret(§\"probe-key\") },",
      "needs secret:probe-key, not granted"),
    Defect(
      "canary", "    url = p.probe,", "    url = p.probe, body = apig.file.read(§\"/etc/motd\"),",
      "needs file.read:/etc/motd, not granted"),
    Defect(
      "canary", "    url = p.probe,", "    url = p.probe, body = apig.environ(§\"STAGE\"),",
      "needs environ:STAGE, not granted"),
    Defect(
      "canary", "soak = { type = \"duration\"", "soak = { type = §\"durration\"",
      "parameter 'soak' has no type 'durration'", hint: "did you mean 'duration'?"),
    Defect(
      "restore", "of = { \"keep\", \"offline\" }, default = \"keep\"",
      "of = { \"keep\", \"offline\" }, default = §\"kept\"", "the default of parameter 'newer' is refused"),
    Defect(
      "canary", "samples = { type = \"integer\", default = 30, min = 1, ",
      "samples = { type = \"integer\", default = 30, §minimum = 1, ", "unknown option 'minimum' of parameter 'samples'"),
    Defect(
      "canary", "time = p.soak", "time = p.§soaks", "the script declares no parameter 'soaks'",
      hint: "did you mean 'soak'?"),
    Defect(
      "release", "local apig = require \"apig\"",
      "local apig = require \"apig\"\nlocal shared = require §\"lib.shared\"\nshared.begin()",
      "there is no module 'lib.shared'"),
    Defect(
      "drift", "local apig = require \"apig\"", "local apig = require \"apig\"\napig.§log = print",
      "'apig' is read-only"),
    Defect("drift", "apig.diff(", "apig:§diff(", "'apig.diff' is called with a dot, not with a colon"),
    Defect(
      "restore", "apig.offline { apis = offline, env", "apig.offline { apis = offline, §group = p.group, env",
      "apig.offline takes one of 'apis' and 'group', not both"),
    Defect(
      "canary", "\"canary \" .. wave.label", "\"canary \" .. wave.§lable", "a wave has no field 'lable'",
      hint: "did you mean 'label'?"),
    Defect(
      "restore", "now = history:effective()", "now = history:§efective()",
      "a list of versions has no function 'efective'", hint: "did you mean 'effective'?"),
    Defect(
      "retire", "query = { api = api.id }", "query = { api = api.§nmae }", "an api has no field 'nmae'",
      hint: "did you mean 'name'?"),
    Defect("drift", "change = change.kind", "change = change.§kinds", "a change has no field 'kinds'"),
    Defect("release", "#done.success", "#done.§sucess", "a batch result has no field 'sucess'"),
  ]

  @Test(arguments: defects) func aDefectIsFoundInItsPlaceAndNothingElse(defect: Defect) async throws {
    let playbook = try Corpus.playbook(defect.playbook)
    let place = try #require(playbook.firstRange(of: defect.right), "\(defect.playbook) has no \(defect.right)")
    let (source, position) = try Self.marked(playbook.replacingCharacters(in: place, with: defect.wrong))
    let findings = try await Self.findings(in: source)
    #expect(findings.count == 1, "\(findings)")
    let finding = try #require(findings.first)
    #expect(finding.start == position)
    #expect(finding.severity == defect.severity)
    #expect(finding.message.hasPrefix(defect.message))
    if let hint = defect.hint { #expect(finding.hint == hint) }
  }

  /// What is said of a line in a script of its own; `§` is the place.
  @Test(arguments: [
    ("local gw = apig.gateway('cn4') gw:§publsh{ api = 'a' }", "a gateway has no function 'publsh'"),
    ("local gw = apig.gateway('cn4') gw.§publish{ api = 'a' }", "operations of a gateway are called with a colon"),
    (
      "local gw = apig.gateway('cn4') gw:publish{ api = 'a', §enviroment = 'E' }",
      "unknown option 'enviroment' of gw:publish"
    ),
    ("local publish = apig.publish publish{ api = 'a', §remrk = 'x' }", "unknown option 'remrk' of publish"),
    ("pcall(apig.publish, { api = 'a', §remrk = 'x' })", "unknown option 'remrk' of apig.publish"),
    ("local gw = apig.gateway('cn4') gw.§publish()", "operations of a gateway are called with a colon"),
    ("_G.x = 1 print(§y)", "undefined global 'y'"),
    ("print(string.rep('x', 2) or 1, §io.x)", "scripts have no 'io'"),
    ("print(math.sqrt or 1, math.§pow(1, 2))", "there is no 'math.pow'"),
    (
      "local function a() b() end local function c() apig.now() end function b() end "
        + "local function d() c() end §for _ in pairs({}) do d() a() end", "pairs() around a gateway call"
    ),
    ("§apig.publish()", "apig.publish needs 'api', 'apis' or 'group'"),
    ("apig.publish(§'pay-create')", "argument 'options' of apig.publish must be a table, not a string"),
    ("apig.publish{ §'pay-create' }", "apig.publish takes options by name, not a list"),
    ("apig.publish{ api = 'a', env = 'E', §env = 'F' }", "option 'env' is given twice"),
    ("apig.publish{ apis = §'a', env = 'E' }", "option 'apis' of apig.publish must be a list"),
    ("apig.publish{ apis = §{}, env = 'E' }", "option 'apis' of apig.publish is an empty list"),
    (
      "local long = '\(String(repeating: "x", count: 256))' apig.publish{ api = 'a', remark = §long }",
      "option 'remark' of apig.publish is 256 characters long"
    ),
    ("apig.history{ api = 'a', limit = §1.5 }", "option 'limit' of apig.history must be a whole number"),
    ("apig.each({}, { concurrency = §0 }, print)", "option 'concurrency' of apig.each must be from 1"),
    ("§apig.each({})", "apig.each needs its argument 'f'"),
    ("apig.step('name', print, §1)", "apig.step takes 2 arguments, not 3"),
    ("apig.exit(§'fine')", "argument 'code' of apig.exit cannot be \"fine\""),
    ("§apig.wait{ reason = 'soak' }", "apig.wait needs 'time' or 'reason'"),
    ("apig.wait{ time = §-1 }", "option 'time' of apig.wait is negative"),
    ("apig.http.get{ url = 'https://a.example/' .. os.date(), §json = 1 }", "unknown option 'json' of apig.http.get"),
    ("apig.http.post{ url = §'ftp://x' }", "option 'url' of apig.http.post is no URL"),
    ("apig.http.post{ url = '/x', json = 1, §body = 'x' }", "apig.http.post takes one of 'json' and 'body', not both"),
    ("print(apig.run.§usr)", "there is no 'apig.run.usr'"),
    ("print(string.§fromat('x'))", "there is no 'string.fromat'"),
    ("string.§trim = print", "'string' is read-only"),
    ("print(§io)", "scripts have no 'io'"),
    ("local function f() apig.now() end §for _ in pairs({}) do f() end", "pairs() around a gateway call"),
    (
      "local t = {} local k = next(t) while k do apig.wait{ time = 1 } k = §next(t, k) end",
      "next() around a gateway call"
    ),
    ("§for k in next, {} do apig.publish{ api = k } end", "next() around a gateway call"),
    ("print(apig.history{ api = 'a' }[1].§remarc)", "a version has no field 'remarc'"),
    ("local h = apig.history{ api = 'a' } print(h[1][§'remarc'])", "a version has no field 'remarc'"),
    ("for _, v in ipairs(apig.history{ api = 'a' }) do print(v.§remarc) end", "a version has no field 'remarc'"),
    ("local v = apig.effective{ api = 'a' } print(v.§remarc)", "a version has no field 'remarc'"),
    ("if apig.effective{ api = 'a' }.§remarc then print(1) end", "a version has no field 'remarc'"),
    (
      "for _, v in ipairs(apig.effective{ apis = { 'a' } }) do print(v.§remarc) end", "a version has no field 'remarc'"
    ),
    (
      "local v, how = apig.history{ api = 'a' }:effective_at('1 hour ago') print(v.§remarc, how)",
      "a version has no field 'remarc'"
    ),
    ("local gw = apig.gateway('cn4') print(gw:history{ api = 'a' }[1].§remarc)", "a version has no field 'remarc'"),
    ("local _, err = apig.try.publish{ api = 'a' } print(err.§mesage)", "an error has no field 'mesage'"),
    ("apig.each(apig.select{}, function(api) print(api.§nmae) end)", "an api has no field 'nmae'"),
    (
      "apig.each(apig.select{}, { concurrency = 2 }, function(api) print(api.§nmae) end)", "an api has no field 'nmae'"
    ),
    ("print(#apig.select{}:filter(function(api) return api.§nmae end))", "an api has no field 'nmae'"),
    ("print(apig.apis{}:§nmaes())", "a list of apis has no function 'nmaes'"),
    ("local res = apig.publish{ group = 'g' } print(res.§sucess)", "a batch result has no field 'sucess'"),
    ("print(apig.http.get{ url = 'http://a.example' }.§stauts)", "an http answer has no field 'stauts'"),
    ("apig.params{ §'x' }", "apig.params takes parameters by name"),
    ("apig.params{ x = §1 }", "parameter 'x' needs a table"),
    ("apig.params{ §x = { type = 'choice' } }", "parameter 'x' is a choice and needs 'of"),
    ("apig.params{ x = { required = §'yes' } }", "option 'required' of parameter 'x' must be a boolean"),
    ("apig.params{ x = { type = 'integer', max = 3, default = §4 } }", "the default of parameter 'x' is refused"),
    ("local §done = apig.try.publish{ api = 'a' }", "'done' may hold failures and is never read"),
    ("local ok, §err = pcall(print) print(ok)", "variable 'err' is never read"),
    ("local §x = 1", "variable 'x' is never read"),
    ("local §x x = 1", "variable 'x' is set and never read"),
    ("local function §f() end", "function 'f' is never called"),
    ("for §i = 1, 2 do end", "loop variable 'i' is never read"),
    ("local a <const> = 1 §a = 2", "attempt to assign to const variable 'a'"),
    ("goto §out", "no visible label 'out'"),
    ("x = 1 +§", "unexpected symbol near the end of the script"),
  ]) func aMistakeIsNamed(line: String, message: String) async throws {
    let (source, place) = try Self.marked(line)
    let findings = try await Self.findings(in: source, granted: ["http:*", "secret:*"])
    #expect(findings.count == 1, "\(findings)")
    #expect(findings.first?.start == place)
    #expect(findings.first?.message.hasPrefix(message) == true, "\(findings)")
  }

  @Test(arguments: [
    "_G.x = 1 print(x)", "_G['x'] = 1 print(x)", "_ENV.x = 1 print(x)", "function _G.f() end f()", "print(_ENV.print)",
    "local _ENV = { print = print } print(x)", "_ENV = { y = 1 } return y", "return function(_ENV) return x end",
    "for name, value in pairs({}) do _G[name] = value end print(x)",
    "local unpack = table.unpack or unpack print(unpack)",
    "if io then io.write('x') end", "if not (warn) then print('x') end", "print(debug ~= nil and debug.traceback())",
    "print(type(jit) == 'table')", "local pow = math.pow or function(a, b) return a ^ b end print(pow(1, 2))",
    "if math.pow then print(math.pow(1, 2)) end",
    "local gw = apig.gateway('cn4') pcall(gw.publish, gw, { api = 'a' })",
    "local gw = apig.gateway('cn4') local f = gw.publish f(gw, { api = 'a' })",
    "local gw = apig.gateway('cn4') gw.publish(gw, { api = 'a' })",
    "local _ = 1 local _unused = 2", "for i, v in ipairs({}) do print(v) end",
    "local function f(a, b) return b end f()", "local x <close> = nil", "function helper() end helper()",
    "for _, k in ipairs({}) do apig.publish{ api = k } end", "for k in apig.sorted({}) do apig.publish{ api = k } end",
    "local names = {} for k in pairs({}) do names[#names + 1] = k end apig.publish{ apis = names }",
    "local done, err = apig.try.publish{ api = 'a' } print(done, err)",
    "local res = apig.publish{ apis = select(1, ...), on_failure = 'return' } print(res.failure)",
    "apig.publish{ api = 'a', remark = nil }", "apig.switch_version{ api = 'a', env = 'E', version = -1 }",
    "apig.publish{ api = { api_id = 'x' }, env = 'E' }", "local o = { api = 1 } apig.publish(o)",
    "apig.publish{ [os.date()] = 1 }", "apig.publish(table.unpack({}))",
    "local apig = { publsh = print } apig.publsh()",
    "string = nil print(string)", "apig.exit('failed', 'x')", "apig.exit()", "apig.log.info('%d %d', 1, 2)",
    "apig.wait{ time = '1m30s' }", "apig.wait{ reason = 'propagation' }", "apig.wait{ reason = os.date() }",
    "apig.wait{ reason = 'soak', time = 1 }", "apig.effective{ apis = {}, env = 'E' }",
    "local h = apig.history{ api = 'a' } print(h:effective().version_no)",
    "apig.params{ x = { type = 'url', default = '/x' } }", "local p = apig.params{ [os.date()] = {} } print(p.x)",
    "local ok, err = pcall(print) print(err)", "local done, err = apig.try.publish{ api = 'a' } print(err)",
    "local p = apig.params{} p.own = 1 print(p.own)", "return function(self) return self end",
    "local t = {} function t:m() end return t",
    "local h = apig.history{ api = 'a' } h = {} print(h.remarc)",
    "for _, v in ipairs(apig.history{ api = 'a' }) do v = {} print(v.remarc) end",
    "local v = apig.effective{ api = 'a' } v.mine = 1 print(v.mine)",
    "local v = apig.effective{ api = 'a' } rawset(v, 'mine', 1) print(v.mine)",
    "local function add(v, k) v[k] = 1 end local w = apig.effective{ api = 'a' } add(w, 'mine') print(w.mine)",
    "for wave in apig.waves({}, { 1 }) do if wave.mine then print(wave.label) end end",
    "for _, v in pairs(apig.history{ api = 'a' }) do print(v.remarc) end",
    "local t = { apig.effective{ api = 'a' } } print(t[1].remarc)",
    "local res = apig.publish(select(1, ...)) print(res.success, res.version_id)",
    "local all = apig.apis{} print(all[1].name, #all, all.total, all:names(), all['complete'])",
    "apig.each({ { own = 1 } }, function(item) print(item.own) end)",
    "local v = apig.history{ api = 'a' }:find(1) if v then print(v.version_id) end",
    "local function f(v) print(v.remarc) end f(apig.effective{ api = 'a' })",
    "local o = { api = 'a' } print(apig.effective(o).remarc)", "print(apig.history{ api = 'a' }[os.time()])",
    "local ok, err = pcall(apig.publish, { api = 'a' }) print(ok, err.mesage)",
    "apig.http.get{ url = 'http' .. os.date() }", "local f = apig.publish f = print f(1)",
  ]) func whatIsRightGetsNoAlarm(line: String) async throws {
    #expect(try await Self.findings(in: line) == [])
  }

  /// Also what is written to break the sandbox can be looked into.
  @Test(arguments: Corpus.folders) func everyFileCanBeLookedInto(folder: String) async throws {
    let checker = try await ScriptChecker()
    for file in try Corpus.files(in: folder) {
      let lineCount = file.source.count { $0 == UInt8(ascii: "\n") } + 1
      for finding in try await checker.findings(in: LuaChunk(name: file.name, source: file.source)) {
        #expect(finding.rule != "not-checked", "\(file.name): \(finding)")
        let start = try #require(finding.start)
        #expect(start <= (finding.end ?? start) && start.line >= 1 && start.column >= 1 && start.line <= lineCount)
      }
    }
  }

  @Test func filesOfTestsHaveWordsOfTheirOwn() async throws {
    let source = "local t = require 'apig.test' describe('x', function() it('y', function() t.run('a.lua') end) end)"
    #expect(try await Self.findings(in: source, named: "release_spec.lua") == [])
    #expect(try await Self.findings(in: source, named: "release.lua").count == 3)
  }

  /// What a script requires may set it.
  @Test func aGlobalThatAModuleMaySetIsAWarning() async throws {
    let alone = try await Self.findings(in: "local apig = require 'apig' apig.log.info(shared)")
    #expect(alone.map(\.severity) == [.error])
    let module: LuaModuleSource = { name in name == "shared" ? ("shared.lua", Array("shared = 1".utf8)) : nil }
    let findings = try await Self.findings(in: "require 'shared' print(shared)", modules: module)
    #expect(findings.map(\.message) == ["undefined global 'shared'"] && findings.map(\.severity) == [.warning])
  }

  /// What the gateway's reference does not tell of may come all the same.
  @Test func aFieldThatIsLikeNoOtherIsAWarning() async throws {
    let findings = try await Self.findings(in: "print(apig.effective{ api = 'a' }.brand_new_thing)")
    #expect(findings.map(\.message) == ["a version has no field 'brand_new_thing'"])
    #expect(findings.map(\.severity) == [.warning])
    #expect(findings.first?.hint?.hasPrefix("it has version_id") == true, "\(findings)")
  }

  @Test func aFieldThatAModuleMayAddIsAWarning() async throws {
    let source = "local v = apig.effective{ api = 'a' } require('shared').mark(v) print(v.remarc)"
    #expect(try await Self.findings(in: source, modules: { _ in ("shared.lua", []) }).map(\.severity) == [.warning])
  }

  @Test func aModuleOfTestsHasTheirWords() async throws {
    let checker = try await ScriptChecker()
    let chunk = LuaChunk(name: "helpers.lua", source: "local t = require 'apig.test' before_each(t.run)")
    #expect(try await checker.findings(in: chunk, isBesideTests: true) == [])
    #expect(try await checker.findings(in: chunk).count == 2)
    let playbook = LuaChunk(name: "release.lua", source: "before_each(print)")
    #expect(try await checker.findings(in: playbook, isBesideTests: true).count == 1)
  }

  /// Each line doubles the text of the one before it: nobody has the memory for the last.
  @Test func textThatGrowsIsFollowedOnlyAsFarAsItIsShort() async throws {
    var source = "local x0 = 'https://a.example/\(String(repeating: "x", count: 1000))'\n"
    for index in 1...40 { source += "local x\(index) = x\(index - 1) .. x\(index - 1)\n" }
    let findings = try await Self.findings(
      in: source + "apig.http.get{ url = x4 } apig.publish{ api = 'a', remark = x40 }")
    #expect(findings.map(\.message) == ["needs http:https://a.example, not granted"])
  }

  @Test func whatIsDeniedIsAnErrorWhereItIsNamed() async throws {
    let permissions = Permissions(denied: [try Permission("publish:RELEASE")])
    let checker = try await ScriptChecker(ScriptChecker.Surroundings(permissions: permissions))
    let findings = try await checker.findings(
      in: LuaChunk(name: "a.lua", source: "apig.publish{ api = 'a', env = 'RELEASE' }"))
    #expect(findings.map(\.message) == ["needs publish:RELEASE, which is denied"])
  }
}

import LuaRuntime
import Testing

@Suite struct SandboxTests {
  /// Everything a script reaches from `_G`. A new name here is a decision, not an accident.
  static let names = """
    _G _VERSION assert collectgarbage coroutine.close coroutine.create coroutine.isyieldable coroutine.resume \
    coroutine.running coroutine.status coroutine.wrap coroutine.yield error getmetatable ipairs load math.abs math.acos \
    math.asin math.atan math.ceil math.cos math.deg math.exp math.floor math.fmod math.huge math.log math.max \
    math.maxinteger math.min math.mininteger math.modf math.pi math.rad math.random math.randomseed math.sin math.sqrt \
    math.tan math.tointeger math.type math.ult next os.clock os.date os.difftime os.time pairs pcall print rawequal \
    rawget rawlen rawset require select setmetatable string.byte string.char string.find string.format string.gmatch \
    string.gsub string.len string.lower string.match string.pack string.packsize string.rep string.reverse string.sub \
    string.unpack string.upper table.concat table.insert table.move table.pack table.remove table.sort table.unpack \
    tonumber tostring type utf8.char utf8.charpattern utf8.codepoint utf8.codes utf8.len utf8.offset xpcall
    """

  @Test func theGlobalsAreTheGoldenList() async throws {
    let source = """
      local names, seen = {}, {}
      local function walk(t, prefix)
        seen[t] = true
        for k, v in pairs(t) do
          if type(v) == 'table' and not seen[v] then walk(v, prefix .. k .. '.')
          else names[#names + 1] = prefix .. k end
        end
      end
      walk(_G, '')
      table.sort(names)
      return table.concat(names, ' ')
      """
    let results = try await engine(modules: []).run(LuaChunk(name: "a", source: source))
    #expect(results == [.text(Self.names)])
  }

  @Test func modulesAreReadOnly() async throws {
    try await run(
      """
      local function fails(f, ...)
        local ok, e = pcall(f, ...)
        assert(not ok and tostring(e):find('read%-only'), e)
      end
      fails(function() host.now = 1 end)
      fails(function() host.other = 1 end)
      fails(rawset, host, 'now', 1)
      fails(table.insert, tools.list, 4)
      assert(#tools.list == 3 and tools.list[2] == 20 and require 'host' == host)
      local n = 0
      for k, v in pairs(tools.list) do n = n + v end
      for k, v in ipairs(tools.list) do n = n + v end
      assert(n == 120)
      local _, t = pairs(tools.list)
      fails(function() t[1] = 2 end)
      assert(getmetatable(host) == false)
      for _, name in ipairs { 'string', 'table', 'math', 'utf8', 'os', 'coroutine' } do
        local library, names = _G[name], {}
        fails(function() library.other = 1 end)
        fails(rawset, library, 'other', 1)
        for key in pairs(library) do names[#names + 1] = key end
        assert(#names > 3 and next(library) and rawget(library, names[1]) == library[names[1]], name)
      end
      """)
    #expect(try await run("return tools.list") == [[10, 20, 30]])
  }

  @Test func aScriptCannotChangeWhatPreludesUse() async throws {
    try await run(
      """
      pcall, error, tostring, type, next, setmetatable = nil
      string = { format = function() return 'hijacked' end }
      assert(('x'):rep(2) == 'xx' and ('%d'):format(1) == '1')
      assert(tools.call_where() == 'release.lua:4')
      """)
  }

  @Test func metatablesAreGuarded() async throws {
    try await run(
      """
      assert(not pcall(setmetatable, {}, { __gc = function() end }))
      assert(not pcall(setmetatable, {}, { __mode = 'k' }))
      assert(getmetatable('') == nil)
      """)
  }

  @Test func noAddressIsShown() async throws {
    let source = """
      local t = {}
      assert(tostring(t) == tostring(t) and tostring(t) ~= tostring({}))
      assert(tostring(t):match('^table: 0x000000%x%x$'), tostring(t))
      assert(('%s'):format(t) == tostring(t) and not pcall(string.format, '%p', t))
      assert(('%-5d|%%|%5s|%q'):format(3, t, 'x'):find('table: 0x'))
      """
    try await run(source)
  }

  @Test func requireLoadsTheHostsModulesOnce() async throws {
    let sources = [
      "a": "loads = (loads or 0) + 1 return { name = ..., value = host.later(5) }", "loop": "return require 'loop'",
      "broken": "x =", "bytes": "\u{1B}Lua", "fails": "error('no')",
    ]
    let engine = try await engine(moduleSource: { name in
      sources[name].map { (chunkName: name + ".lua", source: Array($0.utf8)) }
    })
    let source = """
      local a = require 'a'
      assert(a.value == 5 and a.name == 'a' and require 'a' == a and loads == 1)
      local function message(name) return select(2, pcall(require, name)) end
      return message 'loop', message 'broken', message 'bytes', message 'fails', message 'os'
      """
    let results = try await engine.run(LuaChunk(name: "main.lua", source: source))
    #expect(
      results.map(\.stringValue) == [
        "loop.lua:1: module 'loop' requires itself (a cycle)", "broken.lua:1: unexpected symbol near <eof>",
        "bytes.lua: bytecode is refused", "fails.lua:1: no", "module 'os' not found (available: a, host, tools)",
      ])
  }

  @Test func theSeedAndTheClockAreTheHosts() async throws {
    let clock = LuaClock(time: { _ in 86_400 }, processorTime: { _, _ in 2.5 })
    func results() async throws -> [LuaValue] {
      let engine = try await LuaEngine(seed: 7, clock: clock) { _ in }
      return try await engine.run(
        LuaChunk(name: "a", source: "return math.random(1 << 40), os.time(), os.clock(), os.date('!%F')"))
    }
    let first = try await results()
    #expect(try await results() == first)
    #expect(Array(first.dropFirst()) == [86_400, 2.5, "1970-01-02"])
  }

  @Test func hugeLengthsAreRefused() async throws {
    try await run(
      """
      local huge = setmetatable({}, { __len = function() return 1 << 50 end })
      assert(not pcall(string.rep, 'x', 1 << 40) and string.rep('', 1 << 40) == '')
      assert(not pcall(table.sort, huge) and not pcall(table.concat, huge))
      assert(not pcall(table.move, {}, 0, math.maxinteger, 2) and not pcall(string.pack, 'c2000000000', ''))
      assert(not pcall(string.gmatch, 'x', '(()'))
      """)
  }
}

import Testing

@testable import LuaRuntime

/// Fails the n-th allocation, for every n until the script completes: no crash, no panic, and either the engine can't
/// be made, or the run ends as "out of memory".
@Suite struct AllocationFailureTests {
  /// Every library, and every kind of host call from every kind of place.
  static let scripts = [
    "strings": """
    local s = string.format('%5d %-8s %q %g %x', 7, 'ab', 'a\\nb', 0.5, 255) .. ('x'):rep(50, ','):upper():reverse()
    local packed = string.pack('<i4 z s2 d', 7, 'zero', 'counted', 1.5)
    local a, z, c, d = string.unpack('<i4 z s2 d', packed)
    for word, n in ('one=1, two=2, three=3'):gmatch('(%a+)=(%d)') do s = s .. word .. n end
    s = s .. ('hello world'):gsub('o', { o = '0' }) .. ('hello'):gsub('l+', function(l) return #l end)
    s = s .. ('abc'):gsub('%w', '%0%0') .. s:sub(-9, -2) .. string.char(s:byte(1, 9)) .. (s:find('world', 1, true) or 0)
    return s, a, z, c, d, ('k=v'):match('^(%w+)=(%w*)$'), #s, s:lower(), string.packsize('<i4 i8')
    """,
    "tables": """
    local t = table.pack(5, 3, 9, 1)
    for i = 1, 40 do table.insert(t, i % 7) end
    table.insert(t, 2, 'x') table.remove(t, 2) table.remove(t)
    table.sort(t, function(a, b) return a > b end)
    table.sort(t)
    local u = table.move(t, 1, #t, 3, {})
    local r = { table.unpack(u, 3, 8) }
    for k, v in pairs({ a = 1, b = { 2, { 3 } } }) do r[k] = v end
    for i, v in ipairs(t) do r[-i] = v end
    return table.concat(t, ','), r.a, next({}), select('#', table.unpack(t)), rawlen(t), rawequal(t, u)
    """,
    "numbers": """
    local s = utf8.char(72, 228, 8364, 128512)
    for p, c in utf8.codes(s) do s = s .. c end
    local t = { utf8.codepoint(s, 1, -1) }
    local when = os.time({ year = 2024, month = 2, day = 29, hour = 12 })
    return utf8.len(s), utf8.offset(s, 3), #t, math.floor(2.5), math.random(9) > 0, math.tointeger('8'),
      math.type(1), tostring(2^53), tonumber('0x1p4'), tonumber('zz', 36), 7 // 2, 7.5 % 2, 1 << 3,
      os.date('!%Y-%m-%d', when), os.clock() >= 0, os.difftime(when, when), os.time() > 0
    """,
    "coroutines": """
    local log = {}
    local co = coroutine.create(function(a)
      local c <close> = setmetatable({}, { __close = function() log[#log + 1] = 'closed' end })
      local b = coroutine.yield(a + 1)
      coroutine.yield(host.later(b))
    end)
    assert(select(2, coroutine.resume(co, 1)) == 2 and select(2, coroutine.resume(co, 5)) == 5)
    assert(coroutine.status(co) == 'suspended' and coroutine.close(co) and log[1] == 'closed')
    local w = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i, coroutine.isyieldable()) end error('end') end)
    w() w() w()
    assert(not pcall(w) and select(2, coroutine.running()))
    local failing = coroutine.create(function()
      local c <close> = setmetatable({}, { __close = function() host.fail_later() end })
      error({})
    end)
    assert(not coroutine.resume(failing))
    local nested = coroutine.wrap(function() return coroutine.wrap(function() return host.now(host.later(3)) end)() end)
    return nested()
    """,
    "modules": """
    local weak = _G["[finding]"].weak "v"
    weak[1] = {}
    local each = tools.each({ 1, 2 }, 2, 'raise', function(i) return require('found.' .. i).name end)
    return each, weak ~= nil, require('mine').name, (pcall(require, '[finding]')), select(2, pcall(require, 'nowhere'))
    """,
    "errors": """
    local E = setmetatable({}, { __tostring = function(e) return 'E:' .. tostring(e ~= nil) end })
    local ok, e = pcall(error, E)
    assert(e == E and tostring(e) == 'E:true')
    local _, text = xpcall(function() local x = nil; return x.y end, function(m) return 'handled ' .. tostring(m) end)
    local _, inner = pcall(pcall, error, 'twice')
    local _, host_error = pcall(host.fail)
    assert(host_error.kind == 'not_found' and tostring(host_error) and host_error.traceback)
    assert(not pcall(host.fail_later) and not pcall(host.fail_plain) and not pcall(tools.error, { kind = 'k' }))
    assert(not pcall(host.now, print) and not pcall(tools.list.x) and not pcall(string.rep) and not pcall(nil))
    local chain = select(2, pcall(function() local ok, e = pcall(host.fail) error(e) end))
    return text, chain.message, select(2, pcall(assert, false, 'why')), inner
    """,
    "an uncaught error": """
    local function deep(n)
      if n == 0 then error(setmetatable({ n = 1 }, { __tostring = function() return ('text'):rep(3) end })) end
      local r = deep(n - 1)
      return r
    end
    local c <close> = setmetatable({}, { __close = function() host.now(1) end })
    deep(5)
    """,
    "an uncaught host error": "local function f() host.fail_later({ 1 }) end f()",
    "a stop": "pcall(host.now, 1) pcall(function() coroutine.wrap(host.stop)() end)",
    "a stop later":
      "tools.each({ 1, 2 }, 2, 'return', function(i) if i == 2 then host.stop_later() end host.later(i) end)",
    "language": """
    local function sum(...)
      local s = 0
      for _, v in ipairs({ ... }) do s = s + v end
      if select('#', ...) > 1 then return sum(s) end
      return s
    end
    local made = {}
    for i = 1, 10 do
      if i % 2 == 0 then goto continue end
      made[#made + 1] = function() i = i + 1 return i end
      ::continue::
    end
    local V = {}
    V.__index, V.__add, V.__eq = V, function(a, b) return host.later(a.n + b.n) end, function() return true end
    V.__lt, V.__le, V.__concat = function(a, b) return a.n < b.n end, function() return true end, function() return 'c' end
    V.__call, V.__len, V.__unm = function(_, x) return x end, function() return 4 end, function() return host.now(-1) end
    V.__newindex, V.__pairs = function(t, k, v) rawset(t, k, v) end, function(t) return next, t, nil end
    local function v(n) return setmetatable({ n = n }, V) end
    local x, y = v(1), v(2)
    y.new = 3
    local n = 0
    for k in pairs(y) do n = n + 1 end
    local part = 0
    local loaded = load(function() part = part + 1 return ({ 'return ', '1', ' + ', host.now('2') })[part] end)
    local env = { a = 5 }
    return sum(1, 2, 3), made[2](), x + y, x == y, x < y, x .. y, x(9), #x, -x, n, loaded(), load('return a', 'n', 't', env)(),
      require('mine').name, select(2, load('x =')), collectgarbage('count') > 0, getmetatable('x')
    """,
    "host calls": """
    local r = { host.now(1, 'two', { 3, n = { 4 } }, true, nil), host.later(5), host.where() }
    table.sort(r, function(a, b) return host.now(tostring(a)) < host.later(tostring(b)) end)
    local s = ('ab'):gsub('.', function(c) return host.later(c) end)
    local t = setmetatable({}, { __index = function(_, k) return host.later(k) end, __tostring = function() return host.now('t') end })
    r[#r + 1] = t.key .. tostring(t) .. s
    for i in function(_, i) if i < 2 then return host.later(i + 1) end end, nil, 0 do r[#r + 1] = i end
    local each = tools.each({ 1, 2, 3, 4 }, 2, 'raise', function(i) return tools.wait({ i, host.now(i) })[1] end)
    local good, bad = tools.each({ 1, 2, 3 }, 3, 'return', function(i) if i == 2 then host.fail_later() end return i end)
    assert(#each == 4 and #bad == 1 and not pcall(tools.each, { 1, 2 }, 1, 'raise', host.fail))
    table.sort({ 2, 1 }, function() tools.each({ 1 }, 1, 'raise', host.later) return false end)
    local c = coroutine.wrap(function() return tools.each({ 1 }, 1, 'raise', function(i) return host.later(i) end)[1] end)()
    print('printed', t, c)
    return r, tools.freeze({ 1 }), tools.list
    """,
  ]

  /// What a script may end in when every allocation succeeds.
  private static let ends = [
    "an uncaught error": "runtime", "an uncaught host error": "runtime", "a stop": "stop", "a stop later": "stop",
  ]

  @Test(arguments: scripts.keys.sorted(), [false, true])
  func everyAllocationMayFail(_ name: String, _ fromThereOn: Bool) async throws {
    let source = try #require(Self.scripts[name])
    let whole = try await outcome(source, failing: nil)
    #expect(whole.end == Self.ends[name] ?? "done")
    // A failure during the making of the engine is one engine's, whatever the script.
    let made = try await engine(failing: nil).allocations
    for number in made..<whole.allocations {
      let run = try await outcome(source, failing: .init(number: number, fromThereOn: fromThereOn))
      // Hash seeds and the order of completions differ, so one run may need fewer allocations than another.
      #expect(run.end == "memory" || run.allocations <= number, "allocation \(number) of \(whole.allocations)")
    }
    #expect(whole.allocations > made)
  }

  @Test(arguments: [false, true])
  func everyAllocationOfANewEngineMayFail(_ fromThereOn: Bool) async throws {
    for number in 0..<(try await engine(failing: nil).allocations) {
      let run = try await outcome("", failing: .init(number: number, fromThereOn: fromThereOn))
      #expect(run.end == "memory" || run.allocations <= number, "allocation \(number)")
    }
  }

  private func engine(failing: LuaEngine.AllocationFailure?) async throws(LuaError) -> LuaEngine {
    try await LuaEngine(
      limits: LuaLimits(), library: .sandbox, modules: [hostModule, toolsModule, RequireTests.finding],
      moduleSource: { name in
        guard name == "mine" else { return nil }
        return ("mine.lua", Array("return { name = ... }".utf8))
      }, seed: 1,
      clock: LuaClock(time: { _ in 1 }, processorTime: { _, _ in 1 }), failing: failing
    ) { _ in }
  }

  /// Makes an engine and runs `source`; after a failed allocation the engine must still serve.
  private func outcome(
    _ source: String, failing: LuaEngine.AllocationFailure?
  ) async throws -> (end: String, allocations: Int) {
    let engine: LuaEngine
    do {
      engine = try await self.engine(failing: failing)
    } catch {
      return (error.limit?.rawValue ?? "\(error)", failing?.number ?? 0)
    }
    var end = "done"
    do {
      _ = try await engine.run(LuaChunk(name: "a", source: source))
    } catch let error as LuaError {
      end = error.limit?.rawValue ?? "\(error.code)"
    } catch is Refusal {
      end = "stop"
    }
    let allocations = await engine.allocations
    if end == "memory", failing?.fromThereOn == false {
      #expect(try await engine.run(LuaChunk(name: "b", source: "return 1 + 1")) == [2])
    }
    return (end, allocations)
  }
}

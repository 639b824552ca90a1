import Testing

@testable import LuaRuntime

/// Fails the n-th allocation, for every n until the script completes: no crash, no panic, and the engine either
/// can't be made, or the run ends as "out of memory", or completes.
@Suite struct AllocationFailureTests {
  static let source = """
    local t = setmetatable({}, { __index = function(t, k) return k .. 'x' end })
    for i = 1, 20 do t[i] = { n = i, s = ('%d'):format(i) } end
    local co = coroutine.wrap(function(...) coroutine.yield(...) host.later(t[1]) error({ kind = 'x' }) end)
    co(1, 2, 3)
    pcall(co)
    pcall(host.fail)
    pcall(host.fail_later)
    table.sort(t, function(a, b) return host.now(a.n) > b.n end)
    local r = tools.each({ 1, 2, 3 }, 2, 'raise', function(i) return host.later({ i, t.y }) end)
    print(r[1], load('return 1 + 1')(), tostring(t), ('abc'):gsub('b', 'x'))
    return r
    """

  @Test(arguments: [false, true])
  func everyAllocationMayFail(_ fromThereOn: Bool) async throws {
    var number = 0, outcomes: [String: Int] = [:]
    while outcomes["ok"] == nil {
      let outcome = await outcome(LuaEngine.AllocationFailure(number: number, fromThereOn: fromThereOn))
      outcomes[outcome, default: 0] += 1
      number += 1
    }
    #expect(Set(outcomes.keys).isSubset(of: ["no engine", "memory", "ok"]), "\(outcomes)")
    #expect(number > 500)
  }

  private func outcome(_ failing: LuaEngine.AllocationFailure) async -> String {
    let engine: LuaEngine
    do {
      engine = try await LuaEngine(
        limits: LuaLimits(), library: .sandbox, modules: [hostModule, toolsModule], moduleSource: nil, seed: 1,
        clock: nil,
        failing: failing
      ) { _ in }
    } catch {
      return error.limit == .memory ? "no engine" : "\(error)"
    }
    do {
      _ = try await engine.run(LuaChunk(name: "a", source: Self.source))
      return await engine.allocations <= failing.number ? "ok" : "survived"
    } catch {
      return (error as? LuaError)?.limit == .memory ? "memory" : "\(error)"
    }
  }
}

import Foundation
import LuaRuntime
import Testing

/// Scripts that try to get out, to hang, or to use more than they may. The first line of each names the outcomes it
/// may have: `killed:<limit>`, `error:<part of the message>` ("." is any), `absent:<name>` or `ok`, joined by "or".
///
/// One after the other: a time limit means something only when the script gets the processor.
@Suite(.serialized, .tags(.attack), .timeLimit(.minutes(5))) struct AttackTests {
  struct Attack: CustomTestStringConvertible {
    let name: String
    let source: [UInt8]
    let outcomes: [String]
    var testDescription: String { name }

    func allows(_ outcome: Outcome) -> Bool {
      outcomes.contains { expected in
        let parts = expected.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts[0], outcome) {
        case ("ok", .finished), ("absent", .finished): return true
        case ("killed", .limit(let limit)): return parts[1] == limit
        case ("error", .error(let message)): return parts[1] == "." || message.contains(parts[1])
        case ("error", .limit(let limit)): return parts[1] == "limit" || parts[1] == limit
        default: return false
        }
      }
    }
  }

  enum Outcome {
    case finished
    case limit(String)
    case error(String)
  }

  static let attacks: [Attack] = {
    let folder = Bundle.module.resourceURL?.appending(path: "Attacks")
    let files = folder.flatMap { try? FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil) }
    return (files ?? []).sorted { $0.lastPathComponent < $1.lastPathComponent }.compactMap { file in
      guard let source = try? Data(contentsOf: file),
        let first = source.split(separator: UInt8(ascii: "\n")).first.map({ String(decoding: $0, as: UTF8.self) }),
        let colon = first.firstRange(of: "expect: ")
      else { return nil }
      let outcomes = first[colon.upperBound...].components(separatedBy: " or ")
      return Attack(name: file.lastPathComponent, source: Array(source), outcomes: outcomes)
    }
  }()

  /// What the scripts call; answers are fresh, and `wait` lasts until it is cancelled.
  static let module = LuaModule(
    name: "apig",
    functions: [
      .async("envs") { _ in
        await Task.yield()
        return [.table(LuaTable(fields: [LuaField(key: "status", value: "open")]))]
      },
      .async("wait") { _ in
        try await Task.sleep(for: .seconds(3600))
        return []
      },
    ],
    prelude: """
      local host = ...
      return {
        envs = host.envs,
        wait = host.wait,
        run = host.freeze({ env = "RELEASE" }, "apig.run"),
        parallel = function(functions) return host.each(functions, 1000, "raise", function(f) return f() end) end,
      }
      """)

  /// How much longer everything takes: scripts/sanitize tells.
  static let slowness = ProcessInfo.processInfo.environment["APIG_LUA_SLOWNESS"].flatMap(Int.init) ?? 1

  /// The deadline is short only where an attack is about it: a busy machine must not decide the others.
  static func limits(for attack: Attack) -> LuaLimits {
    LuaRuntimeTests.limits {
      $0.memory = 32 * 1024 * 1024
      $0.luaTime = .milliseconds(500) * slowness
      $0.deadline = attack.name.contains("deadline") ? .seconds(1) : .seconds(100)
      $0.hostCalls = 10_000
      $0.outputBytes = 1024 * 1024
    }
  }

  @Test func allAreThere() { #expect(Self.attacks.count == 148) }

  @Test(arguments: attacks) func anAttackHasTheOutcomeItNames(_ attack: Attack) async throws {
    let limits = Self.limits(for: attack)
    let engine = try await engine(limits, modules: [Self.module])
    let outcome: Outcome
    do {
      _ = try await engine.run(LuaChunk(name: attack.name, source: attack.source))
      outcome = .finished
    } catch let error as LuaError {
      outcome = error.limit.map { .limit($0.rawValue) } ?? .error(error.message)
    }
    #expect(attack.allows(outcome), "\(outcome) instead of \(attack.outcomes)")
    if !engine.isAbandoned {
      // What is granted over the limit until the next instruction.
      #expect(await engine.memory.peak <= 4 * limits.memory + 64 << 20)
    }
    let next = engine.isAbandoned ? try await LuaRuntimeTests.engine() : engine
    #expect(try await next.run(LuaChunk(name: "after", source: "return 1 + 1")) == [2])
  }
}

extension Tag {
  @Tag static var attack: Self
}

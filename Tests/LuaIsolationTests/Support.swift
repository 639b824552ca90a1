import Foundation
import LuaIsolation
import LuaRuntime
import Synchronization
import Testing

extension LuaWorker {
  /// The worker of these tests, which the build put beside them.
  static let forTests = LuaWorker(executable: executableForTests)

  /// A worker that does something else instead.
  static func impostor(_ arguments: String...) -> LuaWorker {
    LuaWorker(executable: executableForTests, arguments: arguments)
  }

  private static let executableForTests: String = {
    let folders = Bundle.allBundles.map(\.bundleURL) + [URL(filePath: CommandLine.arguments[0])]
    let candidates = folders.map { $0.deletingLastPathComponent().appending(path: "lua-worker").path }
    return candidates.first(where: FileManager.default.isExecutableFile(atPath:)) ?? "lua-worker"
  }()
}

/// Lines a script printed.
final class Output: Sendable {
  private let text = Mutex("")
  var string: String { text.withLock { $0 } }
  func append(_ line: LuaString) { text.withLock { $0 += line.description } }
}

/// Something that happens once, and those who wait for it.
final class Event: Sendable {
  private let stream = AsyncStream<Void>.makeStream()
  func happen() { stream.continuation.finish() }
  func wait() async { for await _ in stream.stream {} }
}

struct Refusal: Error, LuaErrorConvertible, Equatable {
  var code = "APIG.3002"
  var luaError: LuaTable {
    LuaTable(fields: [
      LuaField(key: "kind", value: "not_found"), LuaField(key: "code", value: .text(code)),
      LuaField(key: "message", value: "there is no such API"),
    ])
  }
}

let hostModule = LuaModule(
  name: "host",
  functions: [
    .sync("now") { $0.arguments },
    .async("later") { call in
      await Task.yield()
      return call.arguments
    },
    .sync("fail") { _ in throw Refusal() },
    .async("fail_later") { _ in throw Refusal() },
    .sync("stop") { _ in throw LuaStop(Refusal(code: "stop")) },
    .async("stop_later") { _ in throw LuaStop(Refusal(code: "stop")) },
    .sync("where") { [$0.location.map { .text($0.description) } ?? .nil] },
    .async("forever") { _ in
      while true { try await Task.sleep(for: .seconds(3600)) }
    },
  ])

let toolsModule = LuaModule(
  name: "tools", functions: [],
  prelude: """
    local host = ...
    return { each = host.each, class_name = host.class_name }
    """)

func engine(
  _ limits: LuaLimits = .init(), modules: [LuaModule] = [hostModule, toolsModule], moduleSource: LuaModuleSource? = nil,
  seed: UInt64? = nil, clock: LuaClock? = nil, worker: LuaWorker = .forTests, output: Output = Output()
) -> IsolatedLuaEngine {
  IsolatedLuaEngine(
    limits: limits, modules: modules, moduleSource: moduleSource, seed: seed, clock: clock, worker: worker
  ) { output.append($0) }
}

func limits(_ change: (inout LuaLimits) -> Void) -> LuaLimits {
  var limits = LuaLimits()
  change(&limits)
  return limits
}

func chunk(_ source: String) -> LuaChunk { LuaChunk(name: "release.lua", source: source) }

/// The error a run of `source` ends with.
func failure(
  _ source: String, in runner: any LuaRunner, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> LuaError {
  let error = await #expect(throws: LuaError.self, sourceLocation: sourceLocation) {
    try await runner.run(chunk(source))
  }
  return try #require(error, sourceLocation: sourceLocation)
}

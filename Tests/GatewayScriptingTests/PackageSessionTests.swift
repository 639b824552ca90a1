import GatewayAPI
import GatewayScripting
import LuaRuntime
import ReleaseEngine
import Synchronization
import Testing

/// Packages of a session: they last from piece to piece, unless one is stopped while they are at work.
@Suite(.timeLimit(.minutes(5))) struct PackageSessionTests {
  private static let rotate = PackageSources(
    "acme/rotate", declared: ["read"],
    """
    local M, count = {}, 0
    function M.count() count = count + 1 return count end
    function M.wait() apig.log.info "at work" apig.wait { time = "1h" } apig.log.info "went on" end
    function M.loop() apig.log.info "at work" while true do end end
    function M.catch(f) pcall(f) apig.log.info "went on" end
    function M.counter() local n = 0 return function() n = n + 1 return n end end
    function M.burn() local n = 0 while n < 2e7 do n = n + 1 end return n end
    M.nested = { deep = { count = M.count } }
    return M
    """)
  private static let hanging = PackageSources("acme/hanging", "apig.log.info 'at work' while true do end")

  private static func withConsole(
    _ limits: LuaLimits = LuaLimits(),
    _ body: @escaping @Sendable (ScriptConsole, KeptOutput) async throws -> Void
  ) async throws {
    try await ScriptHarness.with { harness in
      var runner = ScriptRunner(limits: limits)
      runner.packages = SourcePackages(sources: [rotate, hanging])
      let console = try await ScriptConsole(runner, in: harness.context())
      try await body(console, harness.output)
      await console.close()
    }
  }

  @discardableResult
  private static func evaluate(_ console: ScriptConsole, _ text: String) async throws -> [ConsoleValue] {
    guard case .ready(let chunk) = await console.read(text, name: "typed") else { throw CancellationError() }
    return try await console.evaluate(chunk)
  }

  /// Runs a piece, and stops it when the package says that it is at work.
  private static func stop(_ console: ScriptConsole, _ output: KeptOutput, _ text: String) async throws {
    let before = output.lines.count { $0 == "info: at work" }
    let piece = Task { try await evaluate(console, text) }
    while output.lines.count(where: { $0 == "info: at work" }) == before { try await Task.sleep(for: .milliseconds(1)) }
    piece.cancel()
    let error = await #expect(throws: LuaError.self) { try await piece.value }
    #expect(error?.code == .cancelled)
  }

  @Test(arguments: ["r.wait()", "r.loop()", "r.catch(r.wait)", "require 'acme.hanging'", "apig.each({ 1, 2 }, r.wait)"])
  func whatIsStoppedIsOverWhenThePieceIs(_ text: String) async throws {
    try await Self.withConsole { console, output in
      try await Self.evaluate(console, "r = require 'acme.rotate' r.count()")
      try await Self.stop(console, output, text)
      // Who was at work has begun anew, and what its module holds may be called as before.
      let isRotate = !text.contains("hanging")
      #expect(try await Self.evaluate(console, "r.count()") == [.plain(isRotate ? 1 : 2)])
      #expect(try await Self.evaluate(console, "r.nested.deep.count()") == [.plain(isRotate ? 2 : 3)])
      #expect(try await Self.evaluate(console, "require('acme.rotate').count()") == [.plain(isRotate ? 3 : 4)])
      #expect(!output.lines.contains("info: went on"))
      #expect(output.lines.contains { $0.hasPrefix("warn: acme/") && $0.contains("begins anew") })
    }
  }

  @Test func whatAnEndedPackageReturnedIsGone() async throws {
    try await Self.withConsole { console, output in
      try await Self.evaluate(console, "r = require 'acme.rotate' c = r.counter()")
      #expect(try await Self.evaluate(console, "c()") == [.plain(1)])
      try await Self.stop(console, output, "r.wait()")
      let error = await #expect(throws: LuaError.self) { try await Self.evaluate(console, "c()") }
      #expect(error?.message == "acme/rotate began anew, and what it gave before is gone")
      #expect(try await Self.evaluate(console, "c = r.counter() c() return c()") == [.plain(2)])
    }
  }

  @Test func aLimitOfAPackageEndsItsStateAndNoMore() async throws {
    var limits = LuaLimits()
    limits.instructions = 15_000_000
    try await Self.withConsole(limits) { console, output in
      try await Self.evaluate(console, "r = require 'acme.rotate' r.count()")
      let error = await #expect(throws: LuaError.self) { try await Self.evaluate(console, "r.burn()") }
      #expect(error?.limit == .instructions)
      #expect(try await Self.evaluate(console, "r.count()") == [.plain(1)])
    }
  }

  @Test func packagesLastFromPieceToPiece() async throws {
    try await Self.withConsole { console, output in
      try await Self.evaluate(console, "r = require 'acme.rotate' kept = function() return 'mine' end")
      for expected in 1...3 {
        #expect(try await Self.evaluate(console, "r.count()") == [.plain(.integer(Int64(expected)))])
      }
      // A piece that fails beside a package leaves it as it is.
      await #expect(throws: LuaError.self) { try await Self.evaluate(console, "r.count() error 'no'") }
      #expect(try await Self.evaluate(console, "r.count()") == [.plain(5)])
      #expect(!output.lines.contains { $0.contains("begins anew") })
    }
  }
}

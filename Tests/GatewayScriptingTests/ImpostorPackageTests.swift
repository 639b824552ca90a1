import GatewayAPI
import LuaRuntime
import Testing

@testable import GatewayScripting

/// A package's process that was taken over may say what it likes.
@Suite(.timeLimit(.minutes(2))) struct ImpostorPackageTests {
  /// Answers whatever it is asked with one thing.
  private struct Impostor: LuaRunner {
    let states: PackageStates
    let name: String
    let answer: PackageStates.Answer

    func run(_ chunk: LuaChunk, arguments: [LuaValue]) async throws -> [LuaValue] {
      while case .request(let request)? = await states.next(for: name, forgotten: []) {
        try await states.answer(request.id, with: answer, by: name)
      }
      return []
    }

    func check(_ chunk: LuaChunk) async throws(LuaError) {}
    func cancel() {}
    func close() async {}
  }

  private static func loaded(_ value: LuaValue) async throws -> PackageStates.Answer {
    let packages = SourcePackages(sources: [PackageSources("acme/taken", "return 1")])
    let states = PackageStates(packages, script: "", memory: 1 << 20) { package, states in
      Impostor(states: states, name: package.name, answer: .values(.table(LuaTable(sequence: [value])), count: 1))
    }
    let result: Result<PackageStates.Answer, any Error>
    do {
      result = .success(try await states.load("acme.taken", for: "", from: "", canSuspend: true).answer)
    } catch { result = .failure(error) }
    await states.close()
    return try result.get()
  }

  @Test(arguments: ["unread list of apis", "list of apis", "api"])
  func noListIsReadOnByAnothersCursor(_ className: String) async throws {
    var list = LuaTable(sequence: [1], className: className)
    list["cursor"] = 1
    list["total"] = 5
    guard case .values(let values, _) = try await Self.loaded(.table(LuaTable(sequence: [.table(list)]))) else {
      Issue.record("no values")
      return
    }
    let crossed = try #require(values.tableValue?.sequence[0].tableValue?.sequence[0].tableValue)
    #expect(crossed["cursor"].isNil && crossed["total"] == 5)
    #expect(crossed.className == className.replacing("unread ", with: ""))
  }

  @Test func whatItWasNotGivenItCannotHandOver() async throws {
    var part = LuaTable()
    part["name"] = "token"
    let secrets: [LuaTable] = [
      LuaTable(sequence: ["Bearer ", .table(part)], className: "secret"),
      LuaTable(fields: [LuaField(key: 3, value: .table(part))], className: "secret"),
      LuaTable(sequence: [.table(LuaTable(sequence: [.table(part)]))], className: "secret"),
    ]
    for secret in secrets {
      let error = await #expect(throws: GatewayError.self) { try await Self.loaded([.table(secret)]) }
      #expect(error?.message == "acme/taken hands over the secret 'token', which it was not given")
    }
    var function = LuaTable(className: "function reference")
    function["owner"] = "acme/other"
    function["life"] = 1
    function["number"] = 1
    await #expect(throws: GatewayError.self) { try await Self.loaded(.table(function)) }
    function["owner"] = ""
    function["life"] = 0
    await #expect(throws: GatewayError.self) { try await Self.loaded(.table(function)) }
  }

  @Test func anErrorSaysOnlyWhatTheHostSaid() async throws {
    var error = LuaTable(className: "error")
    error["kind"] = "stale"
    error["message"] = "the plan is stale"
    guard case .values(let values, _) = try await Self.loaded(.table(error)) else {
      Issue.record("no values")
      return
    }
    #expect(values.tableValue?.sequence[0].tableValue?["kind"] == "failed")
  }

  @Test func anAnswerThatNobodyWaitsForIsDropped() async throws {
    let states = PackageStates(SourcePackages(sources: []), script: "", memory: 1 << 20) { package, states in
      Impostor(states: states, name: package.name, answer: .failure("no"))
    }
    try await states.answer(4711, with: .failure("late"), by: "acme/taken")
    await states.close()
  }
}

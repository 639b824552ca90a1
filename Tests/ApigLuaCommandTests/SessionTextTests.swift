import GatewayScripting
import LuaRuntime
import ReleaseEngine
import Testing

@testable import ApigLuaCommand

/// What a session shows, and how it reads its own commands.
@Suite struct SessionTextTests {
  @Test(arguments: [20, 30, 40, 80])
  func aTableFitsTheTerminal(_ width: Int) {
    let rows = [["1", "日本語の名前がここに入る", "short"], ["2", String(repeating: "x", count: 60), "a longer text here"]]
    let text = FittedTable(columns: ["#", "name", "remark"], rows: rows, width: width).text
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.count == 3)
    for line in lines { #expect(line.displayWidth <= width, "\(line)") }
    #expect(lines[2].contains("…"))
  }

  @Test func whatFitsIsNotCut() {
    let text = FittedTable(columns: ["a", "b"], rows: [["1", "two"]], width: 80).text
    #expect(text == "  a   b\n  1   two\n")
  }

  @Test(arguments: [
    (LuaValue.nil, "nil"), (true, "true"), (3, "3"), (.number(3), "3.0"), (.number(0.1), "0.1"),
    (.number(1e100), "1e+100"), (.number(-.infinity), "-inf"), ("a\"b\\\n\u{1B}", "\"a\\\"b\\\\\\n\\u{1b}\""),
  ])
  func valuesAreWrittenAsLuaWritesThem(_ value: LuaValue, _ text: String) {
    #expect(LuaLiteral(width: 80).text(.plain(value)) == text)
  }

  @Test func commandsAreToldFromNumbers() throws {
    #expect(DotCommand.isMeant(by: "  .env X") && !DotCommand.isMeant(by: ".5 + 1") && !DotCommand.isMeant(by: "..x"))
    let (command, argument) = try DotCommand.parse(" .load  my file.lua ")
    #expect(command == .load && argument == "my file.lua")
    let error = #expect(throws: UsageError.self) { try DotCommand.parse(".undp") }
    #expect(error?.hint == "did you mean '.undo'?")
    let plan = try DotCommand.parse(".plan on")
    #expect(plan.0 == .plan && plan.argument == "on")
  }

  @Test(arguments: [
    ("x = 1", "x = 1", "x = 1"), ("x + 1 ", "return x + 1", "_ = x + 1 "),
    ("local y = 1\ny + 1\n", "local y = 1\nreturn y + 1", "local y = 1\n_ = y + 1"),
  ])
  func anInputBecomesAStatementThatDoesTheSame(_ typed: String, _ compiled: String, _ statement: String) {
    let value = InputValue(of: typed, in: LuaChunk(name: "input 1", source: compiled))
    #expect(input(typed, value: value).scriptText == statement)
  }

  private func input(
    _ text: String, on gateway: String = "prod", value: InputValue = .nothing, isGood: Bool = true
  ) -> SessionInput {
    var doings = SessionOutput.Doings()
    doings.calls = ["publish"]
    return SessionInput(
      text: text, value: value, doings: doings, scope: UndoScopes().mark(), gateway: gateway, environment: "TEST",
      isGood: isGood, standing: [])
  }

  @Test func aPlaybookSaysWhereItWasTypedAndHoldsNoSecret() throws {
    let facts = RunFacts(id: "r-1", user: "kim", startedAt: "2026-11-20T10:00:00Z", gateway: "local")
    let playbook = SessionPlaybook(inputs: [input("apig.publish{}"), input("token = 'abc'")], facts: facts)
    try playbook.refuseMixedPlaces()
    #expect(playbook.hasSecrets && !playbook.text.contains("abc"))
    #expect(playbook.text.contains("apig.run.gateway ~= \"prod\" or apig.run.env ~= \"TEST\""))
    #expect(playbook.text.contains("\napig.publish{}\n"))
    let mixed = SessionPlaybook(inputs: [input("a()"), input("b()", on: "other")], facts: facts)
    let error = #expect(throws: UsageError.self) { try mixed.refuseMixedPlaces() }
    #expect(error?.message.contains("other/TEST, prod/TEST") == true)
  }

  /// A change that a protected environment refused is typed again behind `.write`.
  @Test func whatFailedAndWasTypedAgainIsNotMissedInThePlaybook() {
    let facts = RunFacts(id: "r-1", user: "kim", startedAt: "2026-11-20T10:00:00Z", gateway: "local")
    let failed = input("v = apig.publish{}", isGood: false)
    func text(_ input: SessionInput) -> String { SessionPlaybook(inputs: [failed, input], facts: facts).text }
    #expect(!text(input("v = apig.publish{}")).contains("left out"))
    let missing = "left out: an input that failed after it may have set v"
    #expect(text(input("apig.publish(v)")).contains(missing))
    #expect(text(input("v = apig.publish(v)")).contains(missing))
  }

  @Test func thePromptSaysWhereAndWhetherChangesAreMade() {
    let place = SessionPlace(gateway: "prod-cn4", environment: "RELEASE")
    #expect(
      place.prompt(isPlanning: false) == "prod-cn4/RELEASE> "
        && place.continuationPrompt(isPlanning: false) == "..              > ")
    place.isWriting = true
    #expect(
      place.prompt(isPlanning: false) == "prod-cn4/RELEASE*> "
        && place.continuationPrompt(isPlanning: false) == "..               > ")
    place.move(to: "日本")
    #expect(
      place.prompt(isPlanning: false) == "日本> " && place.continuationPrompt(isPlanning: false) == "..  > "
        && !place.isWriting)
  }
}

import GatewayAPI
import Testing

@Suite(.timeLimit(.minutes(10))) struct ImportFunctionTests {
  @Test func anExportIsImportedIntoANewGroupAndIntoItsOwn() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local text = apig.export { group = "orders", env = "RELEASE", define = "all", format = "yaml" }
        local new = apig.import { document = text }
        local again = apig.import { group_id = new.group_id, document = text, mode = "override" }
        local merged = apig.import { group_id = new.group_id, document = text, mode = "merge" }
        local own = apig.import { group = "orders", document = apig.export { group = "orders", env = "RELEASE",
          define = "dev", as = "table" } }
        local function actions(report)
          local seen = {}
          for _, entry in ipairs(report.success) do seen[#seen + 1] = entry.action end
          return seen
        end
        return { actions(new), actions(again), #merged.success, #merged.ignore, actions(own), #own.failure,
          #apig.apis { group_id = new.group_id } }
        """)
      #expect(
        value == [
          ["create", "create", "create"], ["update", "update", "update"], 0, 3, ["update", "update", "update"], 0, 3,
        ])
    }
  }

  @Test func whatFailsIsInTheReport() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local report = apig.import { document = {
          openapi = "3.0.0", info = { title = "from a table", version = "1" },
          paths = { ["/ok"] = { get = { operationId = "is-ok", responses = { default = { description = "d" } } } },
            ["bad"] = { get = { operationId = "is-bad" } } } } }
        return { report.success[1].path, report.failure[1].path, report.failure[1].error_code }
        """)
      #expect(value == ["/ok", "bad", "APIG.2012"])
    }
  }

  @Test(
    arguments: [
      ("apig.import { }", "'import' needs 'document'"),
      ("apig.import { document = '' }", "'document' is empty"),
      ("apig.import { document = 7 }", "'document': string or table expected, got integer"),
      ("apig.import { document = 'x', mode = 'mrge' }", "'mode' cannot be \"mrge\""),
      ("apig.import { document = 'x: [' }", "JSON or YAML format error"),
      ("apig.import { group = 'nobody', document = 'x' }", "no API group named 'nobody'"),
      ("return apig.import { document = 'swagger: \"2.0\"\\npaths: {}' }.sucess", "no field 'sucess'"),
    ])
  func mistakesAreNamed(_ code: String, _ message: String) async throws {
    try await ScriptHarness.with { script in
      let error = await #expect(throws: (any Error).self) { try await script(code) }
      #expect(error.map { "\($0)" }?.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
    }
  }
}

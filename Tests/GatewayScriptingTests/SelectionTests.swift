import GatewayAPI
import GatewayClient
import GatewayScripting
import LocalGateway
import Testing

@Suite(.timeLimit(.minutes(5))) struct SelectionTests {
  @Test func everyFilterCombinesWithEveryOther() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local function get(a) return a.req_method == "GET" end
        return {
          apig.select { group = "payments", tag = "demo", name = "pay-*", match = "s$", where = get }:names(),
          apig.select { name = "pay-re*", published_in = "RELEASE", changed_in = "STAGING" }:names(),
          apig.select { published_in = "STAGING", sort_by = "name" }:names(),
          apig.select { group = "orders", sort_by = function(a) return -#a.name end }:names(),
          apig.select { group = "orders", sort_by = function(a) return a.name == "order-list" and 1 or nil end }:names(),
          #apig.select { tag = "none", group = "payments" }, #apig.select { name = "?ay-quote" },
          #apig.select { name = "pay-quote", published_in = "TEST" },
        }
        """)
      #expect(
        value == [
          ["pay-status", "pay-methods"], ["pay-refund", "pay-report"], ["pay-create", "pay-refund", "pay-status"],
          ["order-create", "order-list", "order-show"], ["order-list", "order-create", "order-show"], 0, 1, 0,
        ])
    }
  }

  @Test func wrongFiltersSayWhatIsTaken() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local function message(options) return select(2, pcall(apig.select, options)).message end
        local unknown = select(2, pcall(apig.select, { grup = "payments" }))
        return { message { sort_by = 7 }, message { where = 7 }, message { sort_by = "nam" }, unknown.hint }
        """)
      #expect(
        value == [
          "bad option 'sort_by' to 'select' (string or function expected, got number)",
          "bad option 'where' to 'select' (function expected, got number)", "an api has no field 'nam'",
          "did you mean 'group'?",
        ])
    }
  }

  /// The draft is older than the switch, and yet not what runs.
  @Test func whatWasSwitchedBackHasChanged() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local seen = { #apig.select { group = "payments", changed_in = "RELEASE" } }
        apig.publish { api = "pay-create", env = "RELEASE" }
        seen[2] = #apig.select { group = "payments", changed_in = "RELEASE" }
        apig.switch_version { api = "pay-create", env = "RELEASE", version = -1 }
        seen[3] = apig.select { group = "payments", changed_in = "RELEASE" }:names()
        -- And back to the version that was made of the draft.
        local newest = apig.history { api = "pay-create", env = "RELEASE" }[1]
        apig.switch_version { api = "pay-create", env = "RELEASE", version = newest }
        seen[4] = apig.select { group = "payments", changed_in = "RELEASE" }:names()
        return seen
        """)
      #expect(value == [3, 2, ["pay-create", "pay-refund", "pay-webhook"], ["pay-refund", "pay-webhook"]])
    }
  }

  /// Only drafts that were edited once, and not since the version in effect became so, cost a request.
  @Test func listPagesAloneTellOfMost() async throws {
    try await ScriptHarness.with { script in
      func requests(_ code: String) async throws -> Int {
        let before = script.client.statistics.requests
        try await script(code)
        return script.client.statistics.requests - before
      }
      let list = try await requests("apig.select { changed_in = 'RELEASE' }")
      #expect(list == 1)
      try await script("apig.publish { api = 'pay-create', env = 'RELEASE' }")
      let withHistory = try await requests("apig.select { changed_in = 'RELEASE' }")
      #expect(withHistory == 2)
    }
  }
}

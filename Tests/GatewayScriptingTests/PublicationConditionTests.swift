import GatewayAPI
import GatewayScripting
import LuaRuntime
import Testing

@Suite(.timeLimit(.minutes(5))) struct PublicationConditionTests {
  @Test func whatRunsAlreadyIsLeftOut() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local first = apig.publish { group = "payments", env = "RELEASE", if_changed = true }
        local second = apig.publish { group = "payments", env = "RELEASE", if_changed = true }
        local one = apig.publish { api = "pay-create", env = "RELEASE", if_changed = true }
        local plain = apig.publish { api = "pay-create", env = "RELEASE", if_changed = false }
        return {
          #first.success, #first.unchanged, first.unchanged:names()[1], #second.success, #second.unchanged,
          one == nil, plain.api_name, #apig.history { api = "pay-webhook", env = "RELEASE" },
        }
        """)
      #expect(value == [3, 5, "pay-status", 0, 8, true, "pay-create", 1])
    }
  }

  /// Of the demo project STAGING runs the drafts of pay-status alone: those of the others were edited since.
  @Test func onlyWhatAnotherEnvironmentRunsIsPublished() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local apis = { "pay-status", "pay-create", "pay-quote" }
        local ok, err = pcall(apig.publish, { apis = apis, env = "TEST", only_if_same_as = "STAGING" })
        local untouched = #apig.select { published_in = "TEST" }
        local done = apig.publish { apis = apis, env = "TEST", only_if_same_as = "STAGING", on_failure = "return" }
        local reasons = {}
        for i, failure in ipairs(done.failure) do reasons[i] = failure.api_name .. ": " .. failure.error_msg:sub(1, 38) end
        return { ok, err.kind, #err.result.failure, untouched, #done.success, reasons }
        """)
      #expect(
        value == [
          false, "refused", 2, 0, 1,
          ["pay-create: its draft is not what STAGING runs: it", "pay-quote: STAGING does not run it"],
        ])
    }
  }

  @Test func aSingleOneIsRefusedWithItsReason() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local err = select(2, pcall(apig.publish, { api = "pay-quote", env = "TEST", only_if_same_as = "STAGING" }))
        local same = select(2, pcall(apig.publish, { api = "pay-quote", env = "TEST", only_if_same_as = "TEST" }))
        local offline = select(2, pcall(apig.offline, { api = "pay-quote", env = "TEST", only_if_same_as = "STAGING" }))
        return { err.message, err.kind, err.api, same.kind, offline.message }
        """)
      #expect(
        value == [
          "STAGING does not run it", "refused", "pay-quote", "usage", "unknown option 'only_if_same_as' to 'offline'",
        ])
    }
  }

  /// Saving a draft as it was makes it newer and not different.
  @Test func aDraftThatWasSavedUnchangedIsTheSame() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        apig.publish { api = "pay-status", env = "STAGING" }
        local draft = apig.api { api = "pay-status" }
        local body = {}
        for _, name in ipairs { "name", "type", "version", "req_protocol", "req_method", "req_uri", "auth_type",
          "backend_type", "group_id", "match_mode", "remark", "tags", "mock_info" } do body[name] = draft[name] end
        apig.update_api { api = "pay-status", definition = body }
        local published = apig.publish { api = "pay-status", env = "TEST", only_if_same_as = "STAGING" }
        body.remark = "another"
        apig.update_api { api = "pay-status", definition = body }
        local ok = pcall(apig.publish, { api = "pay-status", env = "TEST", only_if_same_as = "STAGING" })
        return { published.api_name, ok }
        """)
      #expect(value == ["pay-status", false])
    }
  }

  @Test func theConfigurationBindsEveryWayToPublish() async throws {
    try await ScriptHarness.with { script in
      let context = ScriptContext(
        facts: RunFacts(id: "r", user: "u", startedAt: "2026-11-20T10:00:00Z", gateway: "local"), output: script.output,
        promotionSource: { gateway, _, environment in
          gateway == nil && environment == "TEST" ? "STAGING" : nil
        }, run: { _ in script.run })
      let value = try await ScriptRunner().run(
        .init(
          name: "test.lua",
          source: Array(
            """
            local kinds = {}
            for i, call in ipairs {
              function() apig.publish { api = "pay-quote", env = "TEST" } end,
              function() apig.publish { apis = { "pay-quote", "pay-status" }, env = "TEST" } end,
              function() apig.publish { group = "orders", env = "TEST" } end,
              function() apig.batch { action = "online", apis = { "pay-quote" }, env = "TEST" } end,
              function() apig.publish { api = "pay-quote", env = "TEST", only_if_same_as = "RELEASE" } end,
              function() apig.publish { api = "pay-status", env = "TEST" } end,
              function() apig.publish { api = "pay-quote", env = "STAGING" } end,
              function() apig.offline { api = "pay-status", env = "TEST" } end,
              function() apig.publish { api = "pay-status", env = "TEST", only_if_same_as = "STAGING" } end,
              function() apig.publish { api = "pay-status", env_id = apig.envs{ name = "TEST" }[1].id } end,
            } do
              local ok, err = pcall(call)
              kinds[i] = ok or err.kind
            end
            return kinds
            """.utf8)), in: context)
      #expect(value == ["refused", "refused", "refused", "refused", "refused", true, true, true, true, true])
    }
  }
}

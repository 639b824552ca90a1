import GatewayAPI
import LuaRuntime
import ReleaseEngine
import Testing

@Suite(.timeLimit(.minutes(5))) struct OperationFunctionTests {
  @Test func apisAreNamedByNameByIDAndByRecord() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local api = apig.select { name = "pay-create" }[1]
        local by_name = apig.history { api = "pay-create", env = "RELEASE" }
        local by_id = apig.history { api_id = api.id, env_id = "DEFAULT_ENVIRONMENT_RELEASE_ID" }
        local by_record = apig.history { api = api, env = apig.envs{}[1] }
        local by_version = apig.history { api = by_name[1], env = by_name[1] }
        return { by_name:ids(), by_id:ids(), by_record:ids(), by_version:ids() }
        """)
      let lists = try #require(value.arrayValue)
      #expect(lists.count == 4 && Set(lists).count == 1)
      #expect(lists[0].arrayValue?.count == 3)
    }
  }

  @Test func onePublishAnswersWithARecordAndSeveralWithLists() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local one = apig.publish { api = "pay-create", env = "TEST" }
        local several = apig.publish { apis = { "pay-status", "pay-quote", "pay-status" }, env = "TEST" }
        local group = apig.publish { group = "orders", env = "TEST", remark = "all" }
        return { one.api_name, #several.success, #several.failure, #several.unchanged, #group.success }
        """)
      #expect(value == ["pay-create", 2, 0, 0, 3])
    }
  }

  @Test func aPartialFailureRaisesUnlessAskedToReturn() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local apis = { "pay-status", ("0"):rep(32) }
        local ok, err = pcall(apig.publish, { apis = apis, env = "TEST" })
        local returned = apig.publish { apis = apis, env = "TEST", on_failure = "return" }
        return {
          ok, err.kind, #err.result.success, err.result.failure[1].error_code, err.where, #returned.failure,
        }
        """)
      #expect(value == [false, "partial_failure", 1, "APIG.3002", "test.lua:2", 1])
    }
  }

  @Test func aWrongOptionIsFoundBeforeAnythingIsSent() async throws {
    try await ScriptHarness.with { script in
      for options in ["on_failure = 'rais'", "remark = 7", "remark = ('x'):rep(256)", "group = 'orders'"] {
        let value = try await script(
          "return pcall(apig.publish, { apis = { 'pay-status' }, env = 'TEST', \(options) }), #apig.apis { env = 'TEST' }"
        )
        #expect(value == [false, 0], "\(options)")
      }
    }
  }

  @Test func switchingGoesBackToTheVersionBefore() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local old = apig.effective { api = "pay-create", env = "RELEASE" }
        local new = apig.publish { api = "pay-create", env = "RELEASE" }
        local back = apig.switch_version { api = "pay-create", env = "RELEASE", version = -1 }
        local by_no = apig.switch_version { api = "pay-create", env = "RELEASE", version = old.version_no }
        local by_record = apig.switch_version { api = "pay-create", version = old }
        local now = apig.effective { api = "pay-create", env = "RELEASE" }
        return { old.version_id == back.version_id, by_no.version_id == old.version_id,
          by_record.version_id == old.version_id, now.version_id == old.version_id, new.version_id ~= old.version_id }
        """)
      #expect(value == [true, true, true, true, true])
    }
  }

  @Test func historyPagesToItsEndAndKnowsWhatItMayHaveLost() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        for i = 1, 12 do apig.publish { api = "pay-quote", env = "TEST", remark = "no " .. i } end
        local all = apig.history { api = "pay-quote", env = "TEST" }
        local some = apig.history { api = "pay-quote", env = "TEST", limit = 3 }
        local other = apig.history { api = "pay-create", env = "RELEASE" }
        return { #all, all.total, all.complete, all[1].remark, #some, some.complete, other.complete,
          all:effective().version_id == all[1].version_id, all:find(all[4].version_no).remark }
        """)
      #expect(value == [10, 10, false, "no 12", 3, false, true, true, "no 9"])
    }
  }

  @Test func exportIsTextOrATableAndTheSameTwice() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local text = apig.export { group = "payments", env = "RELEASE" }
        local again = apig.export { group = "payments", env = "RELEASE" }
        local tab = apig.export { group = "payments", env = "RELEASE", define = "proxy", as = "table" }
        local yaml = apig.export { group = "payments", env = "RELEASE", format = "yaml" }
        return { text == again, tab.info.version, tab.swagger, tab.paths["/payments"].post.operationId,
          tab.paths["/payments/webhook"] == nil, yaml:find("operationId: pay-create", 1, true) ~= nil }
        """)
      #expect(value == [true, "1.0", "2.0", "pay-create", true, true])
    }
  }

  @Test func selectFiltersOnListPagesAlone() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        return {
          apig.select { group = "payments", changed_in = "RELEASE" }:names(),
          apig.select { name = "pay-*e", published_in = "RELEASE", sort_by = "name" }:names(),
          apig.select { match = "^order", where = function(a) return a.req_method == "GET" end }:names(),
          #apig.select { tag = "demo" }, #apig.select { tag = "none" },
        }
        """)
      #expect(
        value == [
          ["pay-create", "pay-refund", "pay-webhook"], ["pay-create", "pay-quote"], ["order-list", "order-show"], 11, 0,
        ])
    }
  }

  @Test func tryReturnsNilAndTheError() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local result, err = apig.try.publish { api = "nobody", env = "RELEASE" }
        local good, none = apig.try.envs {}
        return { result == nil, err.kind, tostring(err), #good, none == nil }
        """)
      #expect(value.arrayValue?[0] == true && value.arrayValue?[1] == "not_found")
      #expect(value.arrayValue?[2].stringValue?.contains("there is no API named 'nobody'") == true)
      #expect(value.arrayValue?[3] == 3 && value.arrayValue?[4] == true)
    }
  }

  @Test func anotherGatewayIsAHandleWithTheSameOperations() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local gw = apig.gateway("local")
        local err = select(2, pcall(apig.gateway("elsewhere").envs, gw, {}))
        return { #gw:envs {}, gw:publish { api = "pay-create", env = "TEST" }.api_name, err.message }
        """)
      #expect(value == [3, "pay-create", "there is no gateway 'elsewhere'"])
    }
  }

  @Test func callsWorkFromEachAndFromPlacesThatCannotYield() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local names = apig.select { group = "payments" }:names()
        local totals = apig.each(names, { concurrency = 4 }, function(name)
          return apig.history { api = name, env = "RELEASE" }.total
        end)
        table.sort(names, function(a, b)
          local x, y = apig.api { api = a }.name, apig.api { api = b }.name
          return x < y
        end)
        local replaced = ("pay-create"):gsub(".+", function(n) return #apig.history { api = n, env = "STAGING" } end)
        return { totals, names[1], replaced }
        """)
      #expect(value == [[3, 2, 0, 2, 3, 2, 3, 2], "pay-cancel", "1"])
    }
  }

  @Test func everyDeclaredOperationIsAFunctionThatRefusesAnUnknownOption() async throws {
    try await ScriptHarness.with { script in
      for operation in OperationCatalog.all {
        let name = operation.descriptor.name
        let value = try await script(
          "local ok, e = pcall(apig.\(name), { no_such_option = 1 }) return { ok, e.kind, e.message }")
        #expect(value == [false, "usage", .string("unknown option 'no_such_option' to '\(name)'")])
      }
    }
  }

  @Test func theDefaultEnvironmentIsTheCommands() async throws {
    try await ScriptHarness.with { script in
      let value = try await script("return apig.publish { api = 'pay-create' }.env_id", environment: "RELEASE")
      #expect(value == .string(GatewayEnvironment.releaseID))
    }
  }

  @Test func theRunKnowsWhatWasAndWhatIs() async throws {
    try await ScriptHarness.with { script in
      try await script(
        """
        apig.publish { api = "pay-create", env = "RELEASE" }
        apig.publish { api = "pay-webhook", env = "RELEASE" }
        apig.offline { api = "pay-report", env = "RELEASE" }
        pcall(apig.publish, { api_id = ("0"):rep(32), env = "RELEASE" })
        """)
      await script.run.completeNames()
      await script.run.readNewVersionNumbers()
      let changes = await script.run.changes.apis
      #expect(changes.map(\.state) == [.changed, .changed, .changed, .failed])
      #expect(changes.map(\.apiName) == ["pay-create", "pay-webhook", "pay-report", nil])
      #expect(changes[0].before.number != nil && changes[0].after.number != nil)
      #expect(changes[0].before != changes[0].after)
      #expect(changes[1].before == .none && changes[2].after == .none)
      #expect(changes.allSatisfy { $0.environmentName == "RELEASE" })
    }
  }

  @Test func theModuleIsReadOnly() async throws {
    try await ScriptHarness.with { script in
      for code in ["apig.publish = print", "apig.log.info = print", "apig.run.env = 'x'", "apig.try.x = 1"] {
        let value = try await script("local ok, e = pcall(function() \(code) end) return { ok, tostring(e) }")
        #expect(value.arrayValue?[0] == false)
        #expect(value.arrayValue?[1].stringValue?.contains("read-only") == true, "\(value)")
      }
    }
  }
}

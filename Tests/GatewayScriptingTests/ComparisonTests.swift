import GatewayAPI
import GatewayScripting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ComparisonTests {
  @Test func exportsOfTwoEnvironmentsCompare() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local a = apig.export { group = "payments", env = "STAGING", version = "drift" }
        local b = apig.export { group = "payments", env = "RELEASE", version = "drift" }
        local forth, same = apig.diff(a, b), apig.diff(b, b)
        local rows = {}
        for i, change in ipairs(forth.changes) do rows[i] = change.kind .. " " .. change.method .. " " .. change.path end
        local removed = apig.diff(b, a)
        local as_tables = apig.diff(
          apig.export { group = "payments", env = "STAGING", as = "table" },
          apig.export { group = "payments", env = "RELEASE", as = "table" })
        return {
          rows, forth.breaking, #same.changes, same.text, removed.breaking, removed.changes[1].breaking,
          removed.changes[1].left_version_no ~= nil, removed.changes[1].right_version_no == nil,
          as_tables.text == forth.text,
        }
        """)
      #expect(
        value == [
          [
            "added GET /payments/methods", "added POST /payments/quote", "added GET /payments/report",
            "added POST /payments/{id}/cancel",
          ].document, 0, 0, "no differences", 4, true, true, true, true,
        ])
    }
  }

  @Test func historiesAndTablesCompare() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local before = apig.history { api = "pay-create", env = "RELEASE" }
        apig.switch_version { api = "pay-create", env = "RELEASE", version = -1 }
        local diff = apig.diff(before, apig.history { api = "pay-create", env = "RELEASE" })
        local whats = {}
        for i, change in ipairs(diff.changes) do whats[i] = change.what[1] end
        return { whats, apig.diff({ a = 1, b = { 2 } }, { a = 1, b = { 3 } }).changes[1].path, diff.breaking }
        """)
      #expect(value == [["effective now", "no longer effective"], "b[1]", 0])
    }
  }

  @Test func whatCannotBeComparedIsSaid() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local function message(a, b) return select(2, pcall(apig.diff, a, b)).message end
        local yaml = apig.export { group = "orders", env = "RELEASE", format = "yaml" }
        local json = apig.export { group = "orders", env = "RELEASE" }
        return { message(json, yaml), message(json, {}), message("{}", json), message(json), message(7, json) }
        """)
      let messages = (value.arrayValue ?? []).map { $0.stringValue ?? "" }
      try #require(messages.count == 5)
      #expect(messages[0].hasPrefix("argument #2 of 'diff' is no JSON"))
      #expect(
        Array(messages.dropFirst()) == [
          "'diff' compares two of a kind, not a definition with a table",
          "argument #1 of 'diff' is no OpenAPI document",
          "bad argument #2 to 'diff' (string or table expected, got nil)",
          "bad argument #1 to 'diff' (string or table expected, got number)",
        ])
    }
  }

  // MARK: - effective_at

  @Test func aHistoryTellsWhatRanAtAMoment() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local history = apig.history { api = "pay-create", env = "RELEASE" }
        local api = apig.select { name = "pay-create" }[1]
        local function at(moment, record)
          local version, how = history:effective_at(moment, record)
          return { version and version.version_no == history[1].version_no and "newest" or version and "older" or "none", how }
        end
        return {
          at(apig.now()), at(apig.now(), api), at("10 days ago", api), at("2001-01-01T00:00:00Z"),
          (pcall(history.effective_at, history, "yesterday")),
          select(2, pcall(history.effective_at, history, "10 days ago", history[1])).message,
        }
        """)
      #expect(
        value == [
          ["newest", "inferred"], ["newest", "exact"], ["older", "inferred"], ["none", "exact"], false,
          "bad argument #2 to 'effective_at' (a record of apig.select or apig.apis expected)",
        ])
    }
  }

  /// Publish times alone would name the newest version; the record of the API tells of the switch.
  @Test func aSwitchBeforeTheMomentIsSeenInTheRecord() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        apig.switch_version { api = "pay-create", env = "RELEASE", version = -1 }
        local history = apig.history { api = "pay-create", env = "RELEASE" }
        local api = apig.select { name = "pay-create" }[1]
        local known, how = history:effective_at(apig.now(), api)
        return { known.version_id == history:effective().version_id, how,
          history:effective_at(apig.now()).version_id == history[1].version_id }
        """)
      #expect(value == [true, "exact", true])
    }
  }

  /// They share their second.
  @Test func ofVersionsOfOneMomentTheNewestCounts() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        for _ = 1, 6 do apig.publish { api = "pay-quote", env = "TEST" } end
        local history = apig.history { api = "pay-quote", env = "TEST" }
        return history:effective_at("2100-01-01T00:00:00Z").version_id == history[1].version_id
        """)
      #expect(value == true)
    }
  }

  @Test func aHistoryThatMayHaveLostVersionsSaysSo() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        for _ = 1, 10 do apig.publish { api = "pay-quote", env = "TEST" } end
        local version, how = apig.history { api = "pay-quote", env = "TEST" }:effective_at("1 hour ago")
        local all = apig.history { api = "pay-create" }
        return { version == nil, how, select(2, pcall(all.effective_at, all, "1 hour ago")).kind }
        """)
      #expect(value == [true, "unknown", "usage"])
    }
  }
}

extension [String] {
  fileprivate var document: Document { .array(map(Document.string)) }
}

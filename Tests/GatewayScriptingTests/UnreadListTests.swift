import GatewayAPI
import GatewayClient
import GatewaySigning
import GatewayTestSupport
import LuaRuntime
import ReleaseEngine
import Synchronization
import Testing

/// Lists longer than a page: read as far as the script reads, and otherwise like any table.
@Suite(.timeLimit(.minutes(5))) struct UnreadListTests {
  private static let count = 1203

  /// Runs a script on a gateway with many APIs.
  ///
  /// - Returns: what it returns, and how many list requests it took.
  private func run(
    _ script: String, count: Int = Self.count,
    answer: (@Sendable (ReceivedRequest) -> ScriptedAnswer)? = nil
  ) async throws -> (value: Document, requests: Int) {
    try await withScriptedServer(answer: { (answer ?? PagedList(count: count).answer)($0) }) { server in
      let client = try GatewayClient(
        configuration: GatewayClientConfiguration(
          endpoint: server.url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "i"),
          credentials: GatewayAuthentication.token("t"), gatewayName: "local"))
      let result: Result<Document, any Error>
      do {
        result = .success(try await ScriptHarness(client: client, run: ReleaseRun(gateway: client))(script))
      } catch { result = .failure(error) }
      await client.shutdown()
      return (try result.get(), server.requests.filter { $0.method == "GET" }.count)
    }
  }

  @Test func aLoopThatStopsEarlyReadsOnePage() async throws {
    let (value, requests) = try await run(
      """
      local list, names = apig.apis {}, {}
      for i, api in ipairs(list) do
        names[i] = api.name
        if i == 3 then break end
      end
      return { names, list[500].name, list.total, list.complete }
      """, count: 8000)
    #expect(value == [["api-1", "api-2", "api-3"], "api-500", 8000, false])
    #expect(requests == 1)
  }

  @Test func anIndexReadsAsFarAsItPoints() async throws {
    let (value, requests) = try await run("local l = apig.apis {} return { l[501].name, l[1000].name, l.complete }")
    #expect(value == ["api-501", "api-1000", false])
    #expect(requests == 2)
  }

  @Test(arguments: [
    "return #list", "local n = 0 for _ in ipairs(list) do n = n + 1 end return n",
    "local n = 0 for i = 1, #list do n = n + (list[i].id == tostring(i) and 1 or 0) end return n",
    "local n = 0 for k in pairs(list) do if math.type(k) == 'integer' then n = n + 1 end end return n",
    "local n = 0 for k in next, list do if math.type(k) == 'integer' then n = n + 1 end end return n",
    "return #list:ids()", "return #list:names()", "return #list:filter(function() return true end)",
    "return select('#', table.unpack(list))", "return #table.move(list, 1, #list, 1, {})",
    "table.sort(list, function(a, b) return a.name > b.name end) return #list",
    "table.insert(list, list[1]) table.remove(list, 1) return #list",
    "list[#list + 1] = list[1] list[#list] = nil return #list",
    "return #apig.each(list, { concurrency = 4 }, function(api) return api.name end)",
    "return #apig.json.decode(apig.json.encode(list))",
    "return #apig.json.decode(apig.json.encode { deep = { list } }).deep[1]",
    "local n = 0 while list[n + 1] do n = n + 1 end return n",
  ])
  func everyWayToReadItSeesTheWholeList(_ code: String) async throws {
    let (value, requests) = try await run("local list = apig.apis {} \(code)")
    #expect(value == .integer(Int64(Self.count)))
    #expect(requests == 3)
  }

  @Test func whatTheScriptReturnsIsWhole() async throws {
    let (value, requests) = try await run("return apig.apis {}, { inner = apig.apis {} }")
    #expect(value.arrayValue?[0].arrayValue?.count == Self.count)
    #expect(value.arrayValue?[1]["inner"]?.arrayValue?.count == Self.count)
    #expect(requests == 6)
  }

  @Test func theEndIsKnownOnceItWasRead() async throws {
    let (value, requests) = try await run(
      """
      local list = apig.apis {}
      local before = { list.complete, list.total }
      local beyond = list[100000] == nil
      return { before, beyond, list.complete, list.total, list[0] == nil, list[-1] == nil, #list, list.cursor == nil }
      """)
    #expect(value == [[false, 1203], true, true, 1203, true, true, 1203, true])
    #expect(requests == 3)
  }

  @Test func aFieldThatItCannotHaveIsStillAnError() async throws {
    let (value, requests) = try await run(
      "local ok, e = pcall(function() return apig.apis {}.totl end) return { ok, e.message, e.where }")
    #expect(value == [false, "a list of apis has no field 'totl'", "test.lua:1"])
    #expect(requests == 1)
  }

  @Test func aListGoesWholeToAGatewayFunction() async throws {
    let bodies = Mutex<[String]>([])
    let (value, requests) = try await run(
      "local r = apig.publish { apis = apig.apis {}, env_id = 'DEFAULT_ENVIRONMENT_RELEASE_ID' } return #r.success",
      answer: { request in
        guard request.method == "POST" else {
          // Only the list of all APIs is long; what the run reads of single ones is not of interest.
          return request.path.hasSuffix("/apis")
            ? PagedList(count: Self.count).answer(request) : .json(200, "{\"total\":0,\"size\":0,\"api_versions\":[]}")
        }
        bodies.withLock { $0.append(request.bodyText) }
        let apis = (try? Document(json: request.body))?["apis"]?.arrayValue ?? []
        let success = Document.array(apis.map { ["api_id": $0] })
        return .json(200, Document.object(["success": success, "failure": []]).jsonText)
      })
    #expect(value == 1203)
    #expect(requests >= 3)
    let sent = bodies.withLock(\.self).map { (try? Document(json: $0))?["apis"]?.arrayValue?.count ?? 0 }
    #expect(sent == [1000, 203])
  }

  @Test func manyCoroutinesReadEachPageOnce() async throws {
    let (value, requests) = try await run(
      """
      local list, places = apig.apis {}, {}
      for i = 1, 20 do places[i] = i * 60 end
      return apig.each(places, { concurrency = 20 }, function(i) return list[i].id end)
      """)
    #expect(value == .array((1...20).map { .string(String($0 * 60)) }))
    #expect(requests == 3)
  }

  @Test func aPageThatFailsCanBeAskedForAgain() async throws {
    let failures = Mutex(1)
    let (value, requests) = try await run(
      """
      local list = apig.apis {}
      local ok, err = pcall(function() return list[501] end)
      return { ok, err.kind, err.where, list[501].name, #list }
      """,
      answer: { request in
        let fails = failures.withLock { left in
          guard request.query.contains("offset=500"), left > 0 else { return false }
          left -= 1
          return true
        }
        return fails
          ? .json(400, "{\"error_code\":\"APIG.2012\",\"error_msg\":\"no\"}")
          : PagedList(count: Self.count).answer(request)
      })
    #expect(value == [false, "invalid", "test.lua:2", "api-501", 1203])
    #expect(requests == 4)
  }

  @Test func aShortListHasNothingToRead() async throws {
    let (value, requests) = try await run(
      "local l = apig.apis {} return { #l, l.complete, l[21] == nil, apig.apis { limit = 600, offset = 10 }.complete }",
      count: 20)
    #expect(value == [20, true, true, false])
    #expect(requests == 2)
  }

  @Test func aLimitIsKept() async throws {
    let (value, requests) = try await run(
      "local l = apig.apis { limit = 700, offset = 3 } return { #l, l[1].id, l[700].id }")
    #expect(value == [700, "4", "703"])
    #expect(requests == 2)
  }
}

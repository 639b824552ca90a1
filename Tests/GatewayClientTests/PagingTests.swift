import GatewayAPI
import GatewayClient
import GatewaySigning
import GatewayTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct PagingTests {
  /// A client of a server that answers as a test says.
  private func with<Value: Sendable>(
    _ answer: @escaping @Sendable (ReceivedRequest) -> ScriptedAnswer,
    _ body: @escaping @Sendable (GatewayClient, ScriptedServer) async throws -> Value
  ) async throws -> Value {
    try await withScriptedServer(answer: answer) { server in
      let client = try GatewayClient(
        configuration: GatewayClientConfiguration(
          endpoint: server.url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "i"),
          credentials: GatewayAuthentication.token("t"), gatewayName: "test"))
      let result: Result<Value, any Error>
      do { result = .success(try await body(client, server)) } catch { result = .failure(error) }
      await client.shutdown()
      return try result.get()
    }
  }

  @Test func pagesAreReadToTheEnd() async throws {
    try await with(PagedList(count: 1203).answer) { client, server in
      let (items, total) = try await client.all(ListAPIs())
      #expect(items.count == 1203 && total == 1203)
      #expect(items.last?.id == "1203")
      #expect(server.requests.count == 3)
      let some = try await client.all(ListAPIs(), limit: 7)
      #expect(server.requests.last?.query.contains("limit=7") == true)
      #expect(some.items.count == 7 && some.total == 1203)
    }
  }

  @Test func aLoopThatStopsEarlyReadsNoFurther() async throws {
    try await with(PagedList(count: 8000).answer) { client, server in
      var first: [String?] = []
      for try await api in client.items(of: ListAPIs()) {
        first.append(api.id)
        if first.count == 3 { break }
      }
      #expect(first == ["1", "2", "3"])
      #expect(server.requests.count == 1)
    }
  }

  @Test func aLoopOverAllReadsEachPageOnce() async throws {
    try await with(PagedList(count: 250).answer) { client, server in
      var list = ListAPIs()
      list.offset = 50
      var items = client.items(of: list, pageSize: 100).makeAsyncIterator()
      var ids: [String] = []
      while let api = try await items.next() { ids.append(api.id ?? "") }
      #expect(ids == (51...250).map(String.init))
      #expect(items.total == 250)
      #expect(server.requests.map { PagedList.number("offset", in: $0) } == [50, 150])
    }
  }

  @Test func aGatewayWithSmallerPagesIsReadToTheEnd() async throws {
    var list = PagedList(count: 250)
    list.pageSize = 100
    try await with(list.answer) { client, server in
      let (items, _) = try await client.all(ListAPIs())
      #expect(items.map(\.id) == (1...250).map(String.init))
      #expect(server.requests.count == 3)
    }
  }

  @Test func aListThatGrowsAtItsFrontBringsNothingTwice() async throws {
    // Between the first page and the second, 3 items are put before all others.
    let list = PagedList(count: 1000)
    try await with({ request in
      let offset = PagedList.number("offset", in: request) ?? 0
      return offset == 0 ? list.answer(request) : list.page(offset: offset - 3, limit: 500, total: 1003)
    }) { client, _ in
      let ids = try await client.all(ListAPIs()).items.map(\.id)
      #expect(ids == (1...1000).map(String.init))
    }
  }

  @Test func aListThatShrinksEnds() async throws {
    try await with({ request in
      let offset = PagedList.number("offset", in: request) ?? 0
      return PagedList(count: offset == 0 ? 1200 : 700).page(offset: offset, limit: 500)
    }) { client, server in
      let (items, total) = try await client.all(ListAPIs())
      #expect(items.count == 700 && total == 700)
      #expect(server.requests.count == 2)
    }
  }

  @Test func aTotalThatPromisesTooMuchEndsAtTheEmptyPage() async throws {
    try await with({ request in
      PagedList(count: 600).page(offset: PagedList.number("offset", in: request) ?? 0, limit: 500, total: 5000)
    }) { client, server in
      let items = try await client.all(ListAPIs()).items
      #expect(items.count == 600)
      #expect(server.requests.count == 3)
    }
  }

  @Test func aGatewayThatRepeatsItselfForeverIsLeft() async throws {
    try await with({ _ in PagedList(count: 500).page(offset: 0, limit: 500, total: 1_000_000) }) { client, server in
      let items = try await client.all(ListAPIs()).items
      #expect(items.count == 500)
      #expect(server.requests.count == 2)
    }
  }
}

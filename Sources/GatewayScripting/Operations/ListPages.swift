internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// One page of a list, as a script gets it.
struct ListPage: Sendable {
  let items: [LuaValue]
  /// The place of its first item in the list, from 1.
  let first: Int
  /// How many items the gateway says there are.
  let total: Int
  /// Whether the list holds everything there ever was: it begins at the beginning, was read to its end and, for
  /// versions, lost none to the gateway's limit.
  let isComplete: Bool
  /// Reads the page behind it; nil at the end.
  let next: (@Sendable () async throws -> ListPage)?
}

/// Reads a list for a script. A value: the same page can be read again when reading it failed.
struct ListPages<Operation: PagedOperation>: Sendable {
  private let run: ReleaseRun
  private var reader: PageReader<Operation>
  private let beginsAtStart: Bool
  private var horizon = HistoryHorizon()
  /// How many items have been read.
  private var count = 0

  init(_ operation: Operation, run: ReleaseRun) {
    self.run = run
    reader = PageReader(operation)
    beginsAtStart = (operation.offset ?? 0) <= 0
  }

  func next() async throws -> ListPage {
    var pages = self
    let items = try await pages.reader.next(from: run)
    let page = await pages.page(items, total: pages.reader.total)
    pages.count += items.count
    pages.horizon.note(items)
    guard !pages.reader.isAtEnd else { return page }
    let rest = pages
    return ListPage(items: page.items, first: page.first, total: page.total, isComplete: false) {
      try await rest.next()
    }
  }

  /// The last page.
  func page(_ items: [Operation.Element], total: Int) async -> ListPage {
    for case let item as API in items {
      if let id = item.id, let name = item.name { await run.names.remember(.api, id: id, name: name) }
    }
    var horizon = horizon
    horizon.note(items)
    return ListPage(
      items: items.map { LuaValue($0) }, first: count + 1, total: total,
      isComplete: beginsAtStart && count + items.count >= total && horizon.isInView, next: nil)
  }
}

internal import GatewayAPI
internal import LuaRuntime

/// The lists of a run that scripts have not read to their end: what reads their next pages.
///
/// In the script such a list is a table with the items read so far and a `cursor`, which stands for the rest; the
/// prelude reads on when an item beyond is asked for.
actor UnreadLists {
  private struct Rest {
    let next: @Sendable () async throws -> ListPage
    /// The page on its way: whoever asks meanwhile waits for the same.
    var reading: Task<LuaValue, any Error>?
  }

  private var rests: [Int64: Rest] = [:]
  private var lastCursor: Int64 = 0

  /// A list with its first page.
  func list(of schema: RecordSchema, _ page: ListPage) -> LuaValue {
    let name = page.next == nil ? RecordClasses.listName(of: schema) : RecordClasses.unreadListName(of: schema)
    var list = LuaTable(sequence: page.items, className: name)
    describe(page, in: &list)
    return .table(list)
  }

  /// The page behind a cursor: `{ items, first, total, complete, cursor }`; nil when it has been read already.
  ///
  /// - Throws: what the gateway answers; the cursor stays good.
  func nextPage(_ cursor: LuaValue) async throws -> LuaValue {
    guard let cursor = cursor.integerValue, let rest = rests[cursor] else { return .nil }
    let reading = rest.reading ?? Task { try await self.read(cursor, rest.next) }
    rests[cursor]?.reading = reading
    return try await withTaskCancellationHandler {
      try await reading.value
    } onCancel: {
      reading.cancel()
    }
  }

  /// A value that came out of the script, with every list in it read to its end.
  func completing(_ value: LuaValue) async throws -> LuaValue {
    guard case .table(var table) = value else { return value }
    if let cursor = table["cursor"].integerValue, table.className != nil, let rest = rests[cursor] {
      var next: (@Sendable () async throws -> ListPage)? = rest.next
      while let read = next {
        let page = try await read()
        table.sequence += page.items
        next = page.next
      }
      table["cursor"] = .nil
      return .table(table)
    }
    // Records hold no lists.
    guard table.className == nil else { return value }
    for index in table.sequence.indices { table.sequence[index] = try await completing(table.sequence[index]) }
    for index in table.fields.indices { table.fields[index].value = try await completing(table.fields[index].value) }
    return .table(table)
  }

  private func read(_ cursor: Int64, _ next: @Sendable () async throws -> ListPage) async throws -> LuaValue {
    let page: ListPage
    do {
      page = try await next()
    } catch {
      rests[cursor]?.reading = nil
      throw error
    }
    rests[cursor] = nil
    var table = LuaTable()
    table["items"] = .table(LuaTable(sequence: page.items))
    table["first"] = .integer(Int64(page.first))
    describe(page, in: &table)
    return .table(table)
  }

  private func describe(_ page: ListPage, in table: inout LuaTable) {
    table["total"] = .integer(Int64(page.total))
    table["complete"] = .boolean(page.isComplete)
    guard let next = page.next else { return }
    lastCursor += 1
    rests[lastCursor] = Rest(next: next)
    table["cursor"] = .integer(lastCursor)
  }
}

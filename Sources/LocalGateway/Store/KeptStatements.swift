internal import GRDB

extension SQLRequest {
  /// A query that each connection compiles once: for what every request asks. Compiling costs more than asking.
  static func kept(_ sql: String, _ arguments: StatementArguments = StatementArguments()) -> SQLRequest {
    SQLRequest(sql: sql, arguments: arguments, cached: true)
  }
}

extension Database {
  /// Reads the rows of a query that each connection compiles once, by the positions of their columns: finding columns by
  /// name costs more than reading them.
  ///
  /// - Parameter body: gets each row, which is good until the next.
  func eachKept(
    _ sql: String, _ arguments: StatementArguments = StatementArguments(), _ body: (Row) throws -> Void
  ) throws {
    let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
    while let row = try rows.next() { try body(row) }
  }

  /// Whether such a query finds anything.
  func hasKept(_ sql: String, _ arguments: StatementArguments) throws -> Bool {
    try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments).next() != nil
  }

  /// Executes one statement that each connection compiles once.
  func executeKept(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }
}

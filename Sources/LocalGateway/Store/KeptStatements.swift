internal import GRDB

extension SQLRequest {
  /// A query that each connection compiles once: for what every request asks. Compiling costs more than asking.
  static func kept(_ sql: String, _ arguments: StatementArguments = StatementArguments()) -> SQLRequest {
    SQLRequest(sql: sql, arguments: arguments, cached: true)
  }
}

extension Database {
  /// Executes one statement that each connection compiles once.
  func executeKept(_ sql: String, _ arguments: StatementArguments) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }
}

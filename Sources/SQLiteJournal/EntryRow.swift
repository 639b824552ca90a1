internal import GRDB
internal import GatewayAPI
internal import RunJournal

/// An entry as the table `entry` has it.
struct EntryRow: Sendable {
  let entry: JournalEntry
  /// JSON; nil for null.
  let body: String?
  /// What it counts against the run's limit, in bytes.
  var size: Int { body?.utf8.count ?? 0 }

  /// - Throws: `JournalError` when it could not be read again.
  init(_ entry: JournalEntry) throws(JournalError) {
    try JournalEntry.requireReadable(entry.body, of: entry.title)
    self.entry = entry
    body = entry.body == .null ? nil : entry.body.jsonText
  }

  func insert(into run: Int64, _ db: Database) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO entry
          (run, sequence, kind, time, branch, operation, digest, occurrence, refers_to, title, place, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      run, entry.sequence, entry.kind.rawValue, entry.time.nanosecondsSince1970, entry.branch, entry.operation,
      entry.digest, entry.occurrence, entry.refersTo, entry.title, entry.place, body,
    ])
  }

  /// An entry whose body is still text.
  struct Unread: Sendable {
    var entry: JournalEntry
    let body: [UInt8]
  }

  static func fetch(of run: Int64, from first: Int64, _ db: Database) throws -> [Unread] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT sequence, kind, time, branch, operation, digest, occurrence, refers_to, title, place, body
        FROM entry WHERE run = ? AND sequence >= ? ORDER BY sequence
        """)
    let rows = try Row.fetchCursor(statement, arguments: [run, first])
    var entries: [Unread] = []
    while let row = try rows.next() {
      guard let kind = JournalEntry.Kind(rawValue: row[1]) else { throw unreadable(row[0]) }
      let entry = JournalEntry(
        sequence: row[0], kind: kind, time: Timestamp(nanosecondsSince1970: row[2]), branch: row[3],
        operation: row[4], digest: row[5], occurrence: row[6], refersTo: row[7], title: row[8], place: row[9])
      entries.append(Unread(entry: entry, body: try row.withUnsafeData(atIndex: 10) { $0.map(Array.init) ?? [] }))
    }
    return entries
  }

  static func unreadable(_ sequence: Int64) -> DatabaseError {
    DatabaseError(resultCode: .SQLITE_CORRUPT, message: "entry \(sequence) cannot be read")
  }
}

extension EntryRow.Unread {
  /// - Throws: `DatabaseError` when the body is no JSON.
  func read() throws -> JournalEntry {
    guard !body.isEmpty else { return entry }
    var entry = entry
    guard let document = try? Document(json: body) else { throw EntryRow.unreadable(entry.sequence) }
    entry.body = document
    return entry
  }
}

internal import GRDB
internal import GatewayAPI
internal import NIOCore

/// The gateway's state in SQLite; what one transaction reads and writes is one moment's truth.
struct Store: Sendable {
  private let writer: any DatabaseWriter
  private let groupedWrites: GroupedWrites
  /// Held for as long as the store is open; nil in memory.
  private let use: StoreUse?

  /// - Throws: what SQLite says when the file cannot be opened.
  init(_ storage: LocalGatewayConfiguration.Storage) throws {
    var configuration = Configuration()
    // Two processes may share a file: the later writer waits.
    configuration.busyMode = .timeout(10)
    // Nobody who reads on a thread of its own waits for another who does.
    configuration.maximumReaderCount = max(8, System.coreCount)
    switch storage {
    case .memory:
      use = nil
      writer = try DatabaseQueue(configuration: configuration)
      try Migrations.all.migrate(writer)
    case .file(let path):
      try StoreFile.makeFolder(of: path)
      // SQLite cannot lock what is not there yet: the first to come makes it, the others wait.
      (writer, use) = try StoreFile.withLock(on: path) {
        let use = try StoreUse(of: path)
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction(Self.setUpWriter)
        try Migrations.all.migrate(pool)
        return (pool, use)
      }
    }
    groupedWrites = GroupedWrites(writer)
  }

  /// Reads on a thread of the store's, for what takes long.
  func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    try await writer.read(body)
  }

  /// Reads on the caller's thread: handing a short read over to another one takes longer than the read.
  func readHere<Value>(_ body: (Database) throws -> Value) throws -> Value {
    // Not GRDB's own transaction, whose statements are compiled each time.
    try writer.unsafeRead { db in
      try db.executeKept("BEGIN DEFERRED TRANSACTION")
      do {
        let value = try body(db)
        try db.executeKept("COMMIT TRANSACTION")
        return value
      } catch {
        try? db.rollback()
        throw error
      }
    }
  }

  func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    try await writer.write(body)
  }

  /// The same, sharing its commit with what is written at the same time.
  ///
  /// - Parameter body: touches nothing but the database: it may be carried out twice.
  func writeTogether<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await groupedWrites.write(body)
  }

  /// This moment's state, for itself, in memory.
  func copy() async throws -> Store {
    let copy = try DatabaseQueue()
    try await writer.read { db in try copy.inDatabase { try db.backup(to: $0) } }
    return Store(writer: copy)
  }

  private static func setUpWriter(_ db: Database) throws {
    // Each commit outlives the loss of power; the pool's own mode leaves that to the next checkpoint.
    try db.execute(sql: "PRAGMA synchronous = FULL")
    // In pages. Pages that many publications change are copied into the file once for all of them.
    try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
    // In KiB: indexes of a full gateway stay in memory.
    try db.execute(sql: "PRAGMA cache_size = -16384")
  }

  private init(writer: any DatabaseWriter) {
    self.writer = writer
    groupedWrites = GroupedWrites(writer)
    use = nil
  }

  func close() throws { try writer.close() }
}

internal import GRDB
internal import GatewayAPI

/// What the gateway does for each operation, by the operation's type: no path is spelled here.
struct Handlers: Sendable {
  /// What a call comes to: first what needs no state, while others may write, then the work itself.
  typealias Body = @Sendable (Call) throws -> Work
  typealias Work = @Sendable (Transaction) throws -> Reply

  private(set) var bodies: [String: Body] = [:]

  /// Registers the behaviour of an operation; its status of success and whether it writes are the declaration's.
  mutating func on<Operation: GatewayOperation>(
    _ type: Operation.Type, _ body: @escaping @Sendable (Call, Transaction) throws -> Document?
  ) {
    let status = type.descriptor.status
    bodies[type.name] = { call in
      { transaction in
        guard let document = try body(call, transaction) else { return .noContent }
        return .json(document, status: status)
      }
    }
  }

  /// Registers an operation that answers with a file.
  mutating func onFile<Operation: GatewayOperation>(
    _ type: Operation.Type, _ body: @escaping @Sendable (Call, Transaction) throws -> Reply
  ) {
    bodies[type.name] = { call in { try body(call, $0) } }
  }

  /// Registers an operation whose call is worth a look before the transaction begins.
  mutating func onPrepared<Operation: GatewayOperation, Prepared: Sendable>(
    _ type: Operation.Type, prepare: @escaping @Sendable (Call) throws -> Prepared,
    _ body: @escaping @Sendable (Call, Prepared, Transaction) throws -> Document
  ) {
    let status = type.descriptor.status
    bodies[type.name] = { call in
      let prepared = try prepare(call)
      return { .json(try body(call, prepared, $0), status: status) }
    }
  }

  static let all: Handlers = {
    var handlers = Handlers()
    handlers.addPublications()
    handlers.addAPIs()
    handlers.addGroups()
    handlers.addEnvironments()
    handlers.addInstances()
    handlers.addExport()
    handlers.addImport()
    return handlers
  }()
}

/// What a handler works in: one transaction at one moment.
struct Transaction {
  let db: Database
  let configuration: LocalGatewayConfiguration
  let now: Timestamp

  var publications: PublicationStore { PublicationStore(db: db, rules: configuration.rules, now: now) }
}

/// The part of a list that a call asks for; numbers out of range are clamped.
struct Paging {
  let offset: Int
  let limit: Int

  init(_ call: Call) {
    offset = max(0, call.values["offset"]?.integerValue ?? 0)
    let limit = call.values["limit"]?.integerValue ?? 20
    self.limit = limit <= 0 ? 20 : min(limit, maximumPageSize)
  }

  /// The answer that holds one page.
  func document(_ name: String, _ items: [Document], total: Int) -> Document {
    .object(["total": .integer(Int64(total)), "size": .integer(Int64(items.count)), name: .array(items)])
  }
}

internal import GRDB
internal import GatewayAPI

/// What the gateway does for each operation, by the operation's type: no path is spelled here.
struct Handlers: Sendable {
  /// What a call comes to: first what needs no state, while others may write, then the work itself.
  typealias Body = @Sendable (Call) throws -> Work
  typealias Work = @Sendable (Transaction) throws -> Reply

  private(set) var bodies: [String: Body] = [:]
  /// Operations that read so much that others should not wait for them.
  private(set) var long: Set<String> = []

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

  /// Registers an operation whose answer is printed as it is read: one that many ask for, or a long one.
  mutating func onPrinted<Operation: GatewayOperation>(
    _ type: Operation.Type, _ body: @escaping @Sendable (Call, Transaction) throws -> [UInt8]
  ) {
    let status = type.descriptor.status
    bodies[type.name] = { call in { .printed(try body(call, $0), status: status) } }
  }

  /// Registers an operation that answers with a file.
  mutating func onFile<Operation: GatewayOperation>(
    _ type: Operation.Type, _ body: @escaping @Sendable (Call, Transaction) throws -> Reply
  ) {
    bodies[type.name] = { call in { try body(call, $0) } }
    long.insert(type.name)
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

  /// The number of all items, told by a page that holds the last of them; nil when they have to be counted.
  func total(ofPage count: Int) -> Int? { count < limit && (count > 0 || offset == 0) ? offset + count : nil }

  /// The answer that holds one page.
  func document(_ name: String, _ items: [Document], total: Int) -> Document {
    .object(["total": .integer(Int64(total)), "size": .integer(Int64(items.count)), name: .array(items)])
  }

  /// The same of items that are printed already, a comma behind each.
  ///
  /// - Parameter name: one that stands before `size`.
  func printed(_ name: String, _ items: [UInt8], count: Int, total: Int) -> [UInt8] {
    var text = Array("{\"\(name)\":[".utf8)
    text.reserveCapacity(items.count + 80)
    text.append(contentsOf: items.dropLast())
    text.append(contentsOf: "],\"size\":\(count),\"total\":\(total)}".utf8)
    return text
  }
}

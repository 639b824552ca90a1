/// Anything that carries out operations: the HTTP client, or a release run
/// that plans, journals and undoes around one.
public protocol Gateway: Sendable {
  /// Which of the two products it is: paths and some fields differ.
  var product: GatewayProduct { get }

  /// Carries out one operation.
  ///
  /// - Throws: ``GatewayError``; `CancellationError` when the task is cancelled.
  func perform<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output
}

/// An operation whose answer comes in pages.
public protocol PagedOperation: GatewayOperation where Output == Page<Element> {
  associatedtype Element: GatewayRecord
  var offset: Int? { get set }
  var limit: Int? { get set }
}

/// The most items the gateway puts on one page.
public let maximumPageSize = 500

extension Gateway {
  /// The items of a list, fetched page by page as they are read.
  ///
  /// - Parameters:
  ///   - operation: what to list; its own `offset` is where to begin.
  ///   - pageSize: how many items one request asks for, at most ``maximumPageSize``.
  public func items<Operation: PagedOperation>(
    of operation: Operation, pageSize: Int = maximumPageSize
  ) -> PagedItems<Operation> {
    PagedItems(gateway: self, reader: PageReader(operation, pageSize: pageSize))
  }

  /// Every item of a list.
  ///
  /// - Parameters:
  ///   - operation: what to list; its own `offset` is where to begin.
  ///   - limit: the most items to return; nil for all.
  /// - Returns: the items and the total that the gateway last reported.
  /// - Throws: as ``perform(_:)``.
  /// - Complexity: one request per ``maximumPageSize`` items.
  public func all<Operation: PagedOperation>(
    _ operation: Operation, limit: Int? = nil
  ) async throws -> (items: [Operation.Element], total: Int) {
    var reader = PageReader(operation)
    var items: [Operation.Element] = []
    while !reader.isAtEnd, limit.map({ items.count < $0 }) ?? true {
      items += try await reader.next(from: self, atMost: limit.map { $0 - items.count })
    }
    return (Array(items.prefix(limit ?? .max)), reader.total)
  }
}

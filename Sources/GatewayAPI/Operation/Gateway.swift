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
  /// Every item of a list, page by page.
  ///
  /// - Parameters:
  ///   - operation: what to list; its own `offset` is where to begin.
  ///   - limit: the most items to return; nil for all.
  /// - Returns: the items and the total that the gateway last reported.
  /// - Complexity: one request per ``maximumPageSize`` items.
  public func all<Operation: PagedOperation>(
    _ operation: Operation, limit: Int? = nil
  ) async throws -> (items: [Operation.Element], total: Int) {
    var operation = operation
    var items: [Operation.Element] = []
    var total = 0
    var offset = max(0, operation.offset ?? 0)
    while true {
      let wanted = min(maximumPageSize, limit.map { $0 - items.count } ?? maximumPageSize)
      guard wanted > 0 else { break }
      operation.offset = offset
      operation.limit = wanted
      let page = try await perform(operation)
      total = page.total
      items.append(contentsOf: page.items)
      offset += page.items.count
      if page.items.isEmpty || offset >= page.total { break }
    }
    return (items, total)
  }
}

/// Reads a list page by page, whatever becomes of the list meanwhile.
///
/// The list ends where a page is empty or reaches the total that it names itself: the total of the latest page counts.
/// It also ends where a gateway repeats itself without end. An item that comes twice, because others were added before
/// it, comes out once; one that moved to a page already read, because others were removed, is missed, as by every
/// reader of pages.
public struct PageReader<Operation: PagedOperation>: Sendable {
  /// How many items there are, as the gateway last said; 0 before the first page.
  public private(set) var total = 0
  /// Whether the end was reached.
  public private(set) var isAtEnd = false

  private var operation: Operation
  private let pageSize: Int
  private var offset: Int
  /// IDs of what has come so far.
  private var seen: Set<String> = []
  /// How many of the latest items had come before.
  private var repeated = 0

  /// - Parameters:
  ///   - operation: what to list; its own `offset` is where to begin, and its own `limit` has no meaning here.
  ///   - pageSize: how many items to ask for at once, from 1 to ``maximumPageSize``.
  public init(_ operation: Operation, pageSize: Int = maximumPageSize) {
    self.operation = operation
    self.pageSize = min(max(1, pageSize), maximumPageSize)
    offset = max(0, operation.offset ?? 0)
  }

  /// The next items; none when there are no more.
  ///
  /// - Parameter atMost: the most items to ask for; nil for a whole page.
  /// - Throws: what ``Gateway/perform(_:)`` throws; the same page can then be asked for again.
  public mutating func next(from gateway: some Gateway, atMost: Int? = nil) async throws -> [Operation.Element] {
    while !isAtEnd {
      operation.offset = offset
      operation.limit = min(pageSize, max(1, atMost ?? pageSize))
      let page = try await gateway.perform(operation)
      offset += page.items.count
      total = page.total
      let new = page.items.filter { item in
        guard let id = item.listedID else { return true }
        return seen.insert(id).inserted
      }
      repeated = new.isEmpty ? repeated + page.items.count : 0
      isAtEnd = page.items.isEmpty || offset >= page.total || repeated >= maximumPageSize
      if !new.isEmpty { return new }
    }
    return []
  }
}

extension GatewayRecord {
  /// What tells it from the others of its list.
  fileprivate var listedID: String? { text("id") ?? text("version_id") }
}

/// The items of a list, fetched page by page as they are read.
///
/// ```swift
/// for try await api in gateway.items(of: ListAPIs()) { … }
/// ```
///
/// A page is fetched when its first item is asked for and not before: a loop that stops early costs no more requests.
public struct PagedItems<Operation: PagedOperation>: AsyncSequence, Sendable {
  public typealias Element = Operation.Element

  let gateway: any Gateway
  let reader: PageReader<Operation>

  public func makeAsyncIterator() -> Iterator { Iterator(gateway: gateway, reader: reader) }

  public struct Iterator: AsyncIteratorProtocol {
    private let gateway: any Gateway
    private var reader: PageReader<Operation>
    private var page: ArraySlice<Element> = []

    init(gateway: any Gateway, reader: PageReader<Operation>) {
      self.gateway = gateway
      self.reader = reader
    }

    /// How many items there are, as the gateway last said; 0 before the first is read.
    public var total: Int { reader.total }

    /// - Throws: ``GatewayError``; `CancellationError`. Asking again repeats the request.
    public mutating func next() async throws -> Element? {
      if page.isEmpty { page = try await reader.next(from: gateway)[...] }
      return page.popFirst()
    }
  }
}

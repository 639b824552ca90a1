/// A list of APIs as a gateway serves it, page by page.
public struct PagedList: Sendable {
  /// How many items there are; the first has the ID `1`.
  public var count: Int
  /// The most items on one page, whatever is asked for.
  public var pageSize = 500

  public init(count: Int) { self.count = count }

  /// The page that a request asks for.
  public func answer(_ request: ReceivedRequest) -> ScriptedAnswer {
    page(offset: Self.number("offset", in: request) ?? 0, limit: Self.number("limit", in: request) ?? 20)
  }

  /// - Parameter total: the total that the page names; nil for the true one.
  public func page(offset: Int, limit: Int, total: Int? = nil) -> ScriptedAnswer {
    let end = min(count, offset + min(limit, pageSize))
    let items = (offset..<max(offset, end)).map { "{\"id\":\"\($0 + 1)\",\"name\":\"api-\($0 + 1)\"}" }
    return .json(
      200, "{\"total\":\(total ?? count),\"size\":\(items.count),\"apis\":[\(items.joined(separator: ","))]}")
  }

  public static func number(_ name: String, in request: ReceivedRequest) -> Int? {
    request.query.split(separator: "&").first { $0.hasPrefix("\(name)=") }.flatMap { Int($0.dropFirst(name.count + 1)) }
  }
}

/// The routes of one group in one environment, as a tree of path segments: a match costs the length of the path, not
/// the number of APIs.
///
/// A literal goes before a parameter, an exact path before a prefix, a longer prefix before a shorter one, a method
/// before ANY.
struct RouteTable: Sendable {
  private struct Node: Sendable {
    var literals: [Substring: Int] = [:]
    var parameter: Int?
    /// By method.
    var exact: [String: Route] = [:]
    var prefixes: [String: Route] = [:]
  }

  private var nodes = [Node()]

  /// Adds a route, or puts it in the place of an earlier one of the same API.
  ///
  /// Of two APIs with one method and path the one with the lower ID answers, whichever came first.
  mutating func insert(_ route: Route) {
    var place = 0
    for segment in route.segments { place = child(of: place, segment) }
    let routes: WritableKeyPath<Node, [String: Route]> = route.isPrefix ? \.prefixes : \.exact
    if let other = nodes[place][keyPath: routes][route.method], other.apiID < route.apiID { return }
    nodes[place][keyPath: routes][route.method] = route
  }

  /// - Parameter path: with its leading slash, percent-encoded, without a query.
  func match(method: String, path: String) -> Route? {
    match(Route.segments(of: path)[...], method, from: 0)
  }

  private func match(_ segments: ArraySlice<Substring>, _ method: String, from place: Int) -> Route? {
    let node = nodes[place]
    guard let segment = segments.first else { return route(in: node.exact, method) ?? route(in: node.prefixes, method) }
    let rest = segments.dropFirst()
    if let next = node.literals[segment], let route = match(rest, method, from: next) { return route }
    if !segment.isEmpty, let next = node.parameter, let route = match(rest, method, from: next) { return route }
    return route(in: node.prefixes, method)
  }

  private func route(in routes: [String: Route], _ method: String) -> Route? { routes[method] ?? routes["ANY"] }

  private mutating func child(of place: Int, _ segment: Substring) -> Int {
    let isParameter = Route.isParameter(segment)
    if let known = isParameter ? nodes[place].parameter : nodes[place].literals[segment] { return known }
    nodes.append(Node())
    if isParameter {
      nodes[place].parameter = nodes.count - 1
    } else {
      nodes[place].literals[segment] = nodes.count - 1
    }
    return nodes.count - 1
  }
}

internal import GRDB
internal import GatewayAPI

/// An API as callers reach it: one definition, in effect or a draft.
struct Route: Sendable {
  let apiID: String
  let groupID: String
  /// An HTTP method, or ANY.
  let method: String
  /// Literals and `{name}` parts; an exact path or the beginning of one.
  let segments: [Substring]
  let isPrefix: Bool
  let backend: Backend
  /// Nil for a draft.
  let version: (id: String, number: String)?

  /// - Parameters:
  ///   - definition: the registered or frozen definition, as JSON.
  ///   - groupID: the group of a definition that names none.
  init(apiID: String, groupID: String, definition: String, version: (id: String, number: String)?) {
    let members = APIDefinitionDocument.members(of: definition)
    self.apiID = apiID
    self.groupID = members["group_id"]?.stringValue ?? groupID
    self.version = version
    method = members["req_method"]?.stringValue ?? "ANY"
    isPrefix = members["match_mode"] == "SWA"
    var segments = Self.segments(of: members["req_uri"]?.stringValue ?? "/")
    // The prefix /a/ is the prefix /a.
    if isPrefix, segments.last == "" { segments.removeLast() }
    self.segments = segments
    backend = Backend(members)
  }

  /// What stands between the slashes, decoded; a slash at the end counts.
  static func segments(of path: String) -> [Substring] {
    path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { $0.contains("%") ? $0.decoded : $0 }
  }

  static func isParameter(_ segment: Substring) -> Bool { segment.first == "{" && segment.last == "}" }

  /// Whether it takes the same requests in the same group.
  func isInPlace(of other: Route) -> Bool {
    (groupID, method, isPrefix) == (other.groupID, other.method, other.isPrefix) && segments == other.segments
  }

  /// Whether this API alone would take the request.
  func takes(method: String, path: String) -> Bool {
    var table = RouteTable()
    table.insert(self)
    return table.match(method: method, path: path) != nil
  }

  var headers: [(name: String, value: String)] {
    var headers = [(name: "X-Apig-Api-Id", value: apiID)]
    if let version { headers += [("X-Apig-Version-No", version.number), ("X-Apig-Version-Id", version.id)] }
    return headers
  }
}

extension Substring {
  fileprivate var decoded: Substring { String(self).percentDecoded[...] }
}

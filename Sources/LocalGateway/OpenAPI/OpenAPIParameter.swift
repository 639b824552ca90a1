internal import GatewayAPI

/// Request parameters as the gateway registers them and as OpenAPI documents write them, both ways.
enum OpenAPIParameter {
  /// What a definition declares, and what its path's `{names}` imply.
  static func exported(_ definition: Document, _ specification: OpenAPIDocument.Version) -> [Document] {
    var parameters = (definition["req_params"]?.arrayValue ?? []).map { exported(declared: $0, specification) }
    let declared = Set(parameters.compactMap { $0["in"] == "path" ? $0["name"]?.stringValue : nil })
    for segment in (definition["req_uri"]?.stringValue ?? "").split(separator: "/") {
      guard segment.first == "{", segment.last == "}" else { continue }
      let name = String(segment.dropFirst().dropLast().drop { $0 == "+" })
      if !declared.contains(name) {
        parameters.append(typed(["name": .string(name), "in": "path", "required": true], "string", specification))
      }
    }
    return parameters
  }

  /// An operation's `parameters` as `req_params`; bodies and cookies have no place there.
  static func registered(_ parameters: Document?) -> [Document] {
    (parameters?.arrayValue ?? []).compactMap { parameter in
      guard let name = parameter["name"]?.stringValue, let location = parameter["in"]?.stringValue,
        ["path", "query", "header"].contains(location)
      else { return nil }
      let type = parameter["type"] ?? parameter["schema"]?["type"]
      var members: [String: Document] = [
        "name": .string(name), "location": .string(location.uppercased()),
        "type": type == "number" || type == "integer" ? "NUMBER" : "STRING",
        "required": parameter["required"] == true || location == "path" ? 1 : 2,
      ]
      if let remark = parameter["description"]?.stringValue, !remark.isEmpty { members["remark"] = .string(remark) }
      return .object(members)
    }
  }

  private static func exported(declared: Document, _ specification: OpenAPIDocument.Version) -> Document {
    let location = (declared["location"]?.stringValue ?? "QUERY").lowercased()
    let isPath = location == "path"
    var members: [String: Document] = [
      "name": declared["name"] ?? "", "in": .string(location == "headers" ? "header" : location),
      "required": .boolean(isPath || declared["required"] == 1),
    ]
    if let remark = declared["remark"]?.stringValue, !remark.isEmpty { members["description"] = .string(remark) }
    return typed(members, declared["type"]?.stringValue == "NUMBER" ? "number" : "string", specification)
  }

  private static func typed(
    _ members: [String: Document], _ type: Document, _ specification: OpenAPIDocument.Version
  ) -> Document {
    var members = members
    switch specification {
    case .two: members["type"] = type
    case .three: members["schema"] = ["type": type]
    }
    return .object(members)
  }
}

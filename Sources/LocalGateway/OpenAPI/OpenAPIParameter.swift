internal import GatewayAPI

/// Request parameters as the gateway registers them and as OpenAPI documents write them, both ways.
enum OpenAPIParameter {
  private static let locations = ["path", "query", "header"]

  // MARK: - Out

  /// What a definition declares, and what its path's `{names}` imply: each once, those of the path only where they are.
  static func exported(_ definition: Document, _ specification: OpenAPIDocument.Version) -> [Document] {
    let names = pathNames(of: definition["req_uri"]?.stringValue ?? "")
    var missing = names
    var seen: Set<[String]> = []
    var parameters: [Document] = []
    for declared in definition["req_params"]?.arrayValue ?? [] {
      let location = (declared["location"]?.stringValue ?? "QUERY").lowercased()
      guard var name = declared["name"]?.stringValue, locations.contains(location) else { continue }
      if location == "path" {
        // A greedy parameter bears its mark in the path alone.
        guard let inPath = names.first(where: { $0 == name || $0 == "+" + name }) else { continue }
        name = inPath
        missing.removeAll { $0 == inPath }
      }
      guard seen.insert([location, name]).inserted else { continue }
      parameters.append(exported(declared, name: name, location: location, specification))
    }
    return parameters
      + missing.map { exported(["type": "STRING"], name: $0, location: "path", specification) }
  }

  private static func exported(
    _ declared: Document, name: String, location: String, _ specification: OpenAPIDocument.Version
  ) -> Document {
    let isNumber = declared["type"] == "NUMBER"
    var schema: [String: Document] = ["type": isNumber ? "number" : "string"]
    for (member, keyword) in limits {
      if let value = declared[member]?.integerValue { schema[keyword] = .integer(Int64(value)) }
    }
    if let value = text("regular", of: declared) { schema["pattern"] = .string(value) }
    if let value = text("default_value", of: declared) { schema["default"] = literal(value, isNumber) }
    if let values = text("enumerations", of: declared)?.split(separator: ",") {
      schema["enum"] = .array(values.map { literal(String($0), isNumber) })
    }
    var members: [String: Document] = [
      "name": .string(name), "in": .string(location),
      "required": .boolean(location == "path" || declared["required"] == 1),
    ]
    if let remark = text("remark", of: declared) { members["description"] = .string(remark) }
    let sample = text("sample_value", of: declared).map { literal($0, isNumber) }
    switch specification {
    case .two:
      members.merge(schema) { $1 }
      members["x-example"] = sample
    case .three:
      members["schema"] = .object(schema)
      members["example"] = sample
    }
    return .object(members)
  }

  private static func text(_ member: String, of declared: Document) -> String? {
    declared[member]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func literal(_ text: String, _ isNumber: Bool) -> Document {
    guard isNumber else { return .string(text) }
    return Int64(text).map(Document.integer) ?? Double(text).map(Document.number) ?? .string(text)
  }

  // MARK: - In

  /// An operation's resolved parameters as `req_params`, with those that only the path names; bodies and cookies have
  /// no place there.
  ///
  /// - Throws: ``Fault`` for what is no parameter.
  static func registered(
    _ parameters: [Document], uri: String, _ references: OpenAPIReferences
  ) throws(Fault) -> [Document] {
    var missing = pathNames(of: uri).map { String($0.drop { $0 == "+" }) }
    let inPath = Set(missing)
    var seen: Set<[String]> = []
    var registered: [Document] = []
    for parameter in parameters {
      guard var name = parameter["name"]?.stringValue, let location = parameter["in"]?.stringValue else {
        throw Fault.syntax("a parameter needs 'name' and 'in'")
      }
      guard locations.contains(location) else { continue }
      if location == "path" {
        name = String(name.drop { $0 == "+" })
        guard inPath.contains(name) else { continue }
        missing.removeAll { $0 == name }
      }
      guard seen.insert([location, name]).inserted else { continue }
      let schema = try parameter["schema"].map { value throws(Fault) in try references.resolve(value) } ?? parameter
      registered.append(entry(parameter, schema, name: name, location: location, references))
    }
    return registered
      + missing.map { ["name": .string($0), "location": "PATH", "type": "STRING", "required": 1] }
  }

  private static func entry(
    _ parameter: Document, _ schema: Document, name: String, location: String, _ references: OpenAPIReferences
  ) -> Document {
    let type = type(of: schema, references)
    var members: [String: Document] = [
      "name": .string(name), "location": .string(location.uppercased()),
      "type": type == "number" || type == "integer" ? "NUMBER" : "STRING",
      "required": parameter["required"] == true || location == "path" ? 1 : 2,
    ]
    for (member, keyword) in limits {
      if let value = schema[keyword]?.integerValue { members[member] = .integer(Int64(value)) }
    }
    let texts: [(String, String?)] = [
      ("remark", parameter["description"]?.stringValue), ("regular", schema["pattern"]?.stringValue),
      ("default_value", schema["default"].flatMap(plainText)),
      ("sample_value", (parameter["example"] ?? parameter["x-example"]).flatMap(plainText)),
      ("enumerations", enumerations(of: schema)),
    ]
    for case (let member, let text?) in texts where !text.isEmpty {
      // A description may be cut; half a pattern would be another one.
      if member == "remark" || !text.isLonger(than: 255) { members[member] = .string(String(text.prefix(255))) }
    }
    return .object(members)
  }

  /// nil for those that cannot be registered, which are not joined either: parameters can share megabytes of them.
  private static func enumerations(of schema: Document) -> String? {
    guard let values = schema["enum"]?.arrayValue, values.count <= 256 else { return nil }
    let texts = values.compactMap(plainText)
    return texts.contains { $0.isLonger(than: 255) } ? nil : texts.joined(separator: ",")
  }

  /// A schema's type, where it has one but null.
  private static func type(of schema: Document, _ references: OpenAPIReferences) -> String? {
    if let type = schema["type"]?.stringValue { return type }
    if let types = schema["type"]?.arrayValue { return types.compactMap(\.stringValue).first { $0 != "null" } }
    let choices = ["anyOf", "oneOf", "allOf"].flatMap { schema[$0]?.arrayValue ?? [] }
    return choices.compactMap { (try? references.resolve($0))?["type"]?.stringValue }.first { $0 != "null" }
  }

  private static func plainText(_ value: Document) -> String? {
    switch value {
    case .string(let text): text
    case .boolean, .integer, .number: value.jsonText
    case .null, .array, .object: nil
    }
  }

  private static let limits = [
    ("min_num", "minimum"), ("max_num", "maximum"), ("min_size", "minLength"), ("max_size", "maxLength"),
  ]

  /// What stands between braces in a path.
  private static func pathNames(of uri: String) -> [String] {
    uri.split(separator: "{").dropFirst().compactMap { part in
      part.firstIndex(of: "}").map { String(part[..<$0]) }
    }
  }
}

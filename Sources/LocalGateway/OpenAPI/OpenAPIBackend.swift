internal import GatewayAPI

/// The back end of an API as the gateway registers it and as `x-apigateway-backend` writes it, both ways.
enum OpenAPIBackend {
  /// The members of a definition that are its back end.
  static let memberNames: Set = [
    "backend_type", "mock_info", "backend_api", "func_info", "backend_params", "policy_mocks", "policy_functions",
    "policy_https",
  ]

  private static let name = "x-apigateway-backend"
  private static let policiesName = "x-apigateway-backend-policies"

  /// A kind of back end: its documented name, and where each side keeps it.
  private struct Kind {
    let type: String
    let endpoints: String
    let member: String
    let policies: String
    /// Member of the registered definition and documented spelling, where they differ.
    let spellings: [(member: String, spelling: String)]
  }

  private static let kinds = [
    Kind(
      type: "MOCK", endpoints: "mockEndpoints", member: "mock_info", policies: "policy_mocks",
      spellings: [("result_content", "result-content")]),
    Kind(
      type: "HTTP", endpoints: "httpEndpoints", member: "backend_api", policies: "policy_https",
      spellings: [
        ("url_domain", "address"), ("req_protocol", "scheme"), ("req_method", "method"), ("req_uri", "path"),
        ("retry_count", "retry-count"),
      ]),
    Kind(
      type: "FUNCTION", endpoints: "functionEndpoints", member: "func_info", policies: "policy_functions",
      spellings: [
        ("function_urn", "function-urn"), ("invocation_type", "invocation-type"), ("network_type", "network-type"),
        ("alias_urn", "alias-urn"),
      ]),
  ]

  private static let parameterSpellings = [("location", "in"), ("remark", "description")]
  private static let conditionSpellings = [
    ("req_param_name", "parameter_name"), ("condition_type", "type"), ("condition_origin", "origin"),
    ("condition_value", "value"),
  ]

  // MARK: - Out

  /// The extensions for a definition.
  static func extensions(of definition: Document) -> [String: Document] {
    let type = definition["backend_type"]?.stringValue ?? "MOCK"
    var backend: [String: Document] = ["type": .string(type)]
    var policies: [Document] = []
    for kind in kinds {
      if let info = definition[kind.member], case .object = info {
        backend[kind.endpoints] = renamed(info, kind.spellings)
      }
      for policy in definition[kind.policies]?.arrayValue ?? [] { policies.append(exported(policy, kind)) }
    }
    if let parameters = definition["backend_params"]?.arrayValue, !parameters.isEmpty {
      backend["parameters"] = .array(parameters.map { renamed($0, parameterSpellings) })
    }
    var extensions: [String: Document] = [name: .object(backend)]
    if !policies.isEmpty { extensions[policiesName] = .array(policies) }
    return extensions
  }

  private static func exported(_ policy: Document, _ kind: Kind) -> Document {
    var members = policy.objectValue ?? [:]
    var exported: [String: Document] = ["type": .string(kind.type)]
    for (member, spelling) in [("name", "name"), ("effect_mode", "effect-mode")] {
      exported[spelling] = members.removeValue(forKey: member)
    }
    if let conditions = members.removeValue(forKey: "conditions")?.arrayValue {
      exported["conditions"] = .array(conditions.map { renamed($0, conditionSpellings) })
    }
    if let parameters = members.removeValue(forKey: "backend_params")?.arrayValue {
      exported["parameters"] = .array(parameters.map { renamed($0, parameterSpellings) })
    }
    exported[kind.endpoints] = renamed(.object(members), kind.spellings)
    return .object(exported)
  }

  // MARK: - In

  /// The back-end members of a definition; nil when the operation has no back end.
  static func members(of operation: Document) -> [String: Document]? {
    guard let backend = operation[name], let type = backend["type"]?.stringValue else { return nil }
    var members: [String: Document] = ["backend_type": .string(type.hasPrefix("HTTP") ? "HTTP" : type)]
    for kind in kinds {
      let endpoints = backend[kind.endpoints] ?? (kind.type == "HTTP" ? backend["httpVpcEndpoints"] : nil)
      if let endpoints, case .object = endpoints { members[kind.member] = renamed(endpoints, inverse(kind.spellings)) }
      let policies = (operation[policiesName]?.arrayValue ?? []).filter {
        $0["type"]?.stringValue?.hasPrefix(kind.type) == true
      }
      if !policies.isEmpty { members[kind.policies] = .array(policies.map { registered($0, kind) }) }
    }
    if let parameters = backend["parameters"]?.arrayValue {
      members["backend_params"] = .array(parameters.map { renamed($0, inverse(parameterSpellings)) })
    }
    return members
  }

  private static func registered(_ policy: Document, _ kind: Kind) -> Document {
    var members = renamed(policy[kind.endpoints] ?? [:], inverse(kind.spellings)).objectValue ?? [:]
    members["name"] = policy["name"]
    members["effect_mode"] = policy["effect-mode"]
    members["conditions"] = policy["conditions"]?.arrayValue.map {
      .array($0.map { renamed($0, inverse(conditionSpellings)) })
    }
    members["backend_params"] = policy["parameters"]?.arrayValue.map {
      .array($0.map { renamed($0, inverse(parameterSpellings)) })
    }
    return .object(members)
  }

  // MARK: - Spelling

  private static func inverse(_ spellings: [(member: String, spelling: String)]) -> [(String, String)] {
    spellings.map { ($0.spelling, $0.member) }
  }

  /// The members under their other names; those that have none keep theirs.
  private static func renamed(_ value: Document, _ spellings: [(String, String)]) -> Document {
    guard let members = value.objectValue else { return value }
    let names = Dictionary(uniqueKeysWithValues: spellings)
    return .object(Dictionary(members.map { (names[$0.key] ?? $0.key, $0.value) }) { first, _ in first })
  }
}

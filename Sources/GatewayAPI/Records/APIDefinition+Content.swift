extension APIDefinition {
  /// What is defined, without what says when, where and under which IDs.
  ///
  /// A draft and a version that was made of it have the same content. Members that are empty count as left out.
  public var content: Document { Self.content(of: document, isWhole: true) }

  /// Facts about the API that are no part of its definition.
  private static let circumstances: Set = [
    "api_group_info", "domain_name", "group_name", "group_version", "publish_id", "publish_time", "register_time",
    "roma_app_name", "run_env_id", "run_env_name", "sl_domain", "sl_domains", "status", "tag", "update_time",
    "version_id",
  ]

  /// Parameters get IDs of their own in each version.
  private static let innerIDs: Set = ["id", "req_param_id"]

  private static func content(of value: Document, isWhole: Bool) -> Document {
    switch value {
    case .object(let members):
      let left = isWhole ? circumstances : innerIDs
      return .object(
        members.filter { !left.contains($0.key) }.mapValues { content(of: $0, isWhole: false) }
          .filter { !isEmpty($0.value) })
    case .array(let elements): return .array(elements.map { content(of: $0, isWhole: false) })
    default: return value
    }
  }

  private static func isEmpty(_ value: Document) -> Bool {
    [.null, "", .array([]), .object([:])].contains(value)
  }
}

internal import GatewayAPI
internal import LuaRuntime

/// What a playbook says of itself.
public struct PlaybookDescription: Sendable {
  public var name: String?
  public var version: String?
  public var summary: String?
  public var parameters: [ParameterDeclaration]
  /// Whether the script turned to a gateway first: what it may declare behind that is not known.
  public var isCutOff = false

  /// What was given for which parameter, as text, whichever way it was given.
  ///
  /// - Throws: ``ParameterError`` for a name that the playbook does not declare.
  public func texts(of values: ParameterValues) throws(ParameterError) -> [String: String] {
    try ParameterBinder(declarations: parameters, defaultEnvironment: nil, now: Timestamp(seconds: 0)).texts(of: values)
  }
}

/// Keeps what `apig.playbook` is told.
actor PlaybookFacts {
  private static let options = ["name", "version", "summary", "permissions"]
  private var table = LuaTable()

  nonisolated var function: LuaHostFunction {
    .async("playbook") { call in
      try await self.set(call[0])
      return []
    }
  }

  func description(parameters: [ParameterDeclaration], isCutOff: Bool = false) -> PlaybookDescription {
    PlaybookDescription(
      name: table["name"].stringValue, version: table["version"].stringValue, summary: table["summary"].stringValue,
      parameters: parameters, isCutOff: isCutOff)
  }

  private func set(_ value: LuaValue) throws(GatewayError) {
    guard let facts = value.tableValue else { return }
    for field in facts.fields {
      let option = field.key.stringValue ?? field.key.typeName
      guard Self.options.contains(option) else {
        throw CallOptions.usage(
          "unknown option '\(option)' to 'playbook'",
          Suggestion.closest(to: option, in: Self.options).map { "did you mean '\($0)'?" })
      }
    }
    table = facts
  }
}

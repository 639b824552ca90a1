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
    let options = try CallOptions(value, of: .playbook)
    for name in ["name", "version", "summary"] { _ = try options.text(name) }
    guard options["permissions"].isNil || options["permissions"].tableValue != nil else {
      throw options.mismatch("permissions", expected: "list", got: options["permissions"])
    }
    table = value.tableValue ?? table
  }
}

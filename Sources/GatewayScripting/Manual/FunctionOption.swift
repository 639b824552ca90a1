public import GatewayAPI

/// An option of a function of `apig`, for who offers it while it is typed.
public struct FunctionOption: Sendable, Hashable {
  public let name: String
  /// What it is called after: an API, a group, an environment; nil for a plain value.
  public let resource: ResourceKind?
  /// The words it can be; none where it can be anything.
  public let words: [String]

  /// What a function takes; none for an unknown one.
  ///
  /// - Parameter name: without `apig.`.
  public static func options(of name: String) -> [FunctionOption] {
    (ScriptFunctionCatalog.function(name)?.options ?? []).map(FunctionOption.init)
  }

  init(_ parameter: ScriptParameter) {
    name = parameter.name
    switch parameter.type {
    case .reference(let kind), .references(let kind): resource = kind
    default: resource = nil
    }
    words = if case .choice(let words) = parameter.type { words } else { [] }
  }
}

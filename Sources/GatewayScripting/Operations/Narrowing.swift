public import GatewayAPI

/// What a command line leaves of every selection that a script makes: `--only`, `--skip`, `--only-failed-of`.
public struct Narrowing: Sendable, Hashable {
  /// Only these; nil for any.
  public var apiIDs: Set<String>?
  /// Only names of one of these forms: `*` stands for any text, `?` for one character. None: any.
  public var only: [String] = []
  /// No names of these forms.
  public var skip: [String] = []

  public init() {}

  public var isEmpty: Bool { apiIDs == nil && only.isEmpty && skip.isEmpty }

  /// Whether an API may be part of a selection.
  public func admits(_ api: API) -> Bool {
    let name = api.name ?? ""
    if let apiIDs, !apiIDs.contains(api.id ?? "") { return false }
    if !only.isEmpty, !only.contains(where: { Glob($0).matches(name) }) { return false }
    return !skip.contains { Glob($0).matches(name) }
  }
}

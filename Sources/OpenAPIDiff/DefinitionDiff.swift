/// What differs between two definitions, histories or values, from left to right.
public struct DefinitionDiff: Sendable, Hashable {
  /// By path, then by method.
  public let changes: [DefinitionChange]

  init(changes: [DefinitionChange]) { self.changes = changes }

  /// How many changes break callers of the left side when the right side takes its place.
  public var breakingCount: Int { changes.count(where: \.isBreaking) }
}

/// One operation, version or value that differs.
public struct DefinitionChange: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case added, removed, changed
  }

  /// One way in which it differs.
  public struct Finding: Sendable, Hashable {
    /// For people: "query parameter limit: maximum 100 → 50".
    public let text: String
    public let isBreaking: Bool
  }

  public let kind: Kind
  /// The operation's method in capitals, `ANY` for all; nil for what is no operation.
  public let method: String?
  /// The operation's path as the right side writes it; for other things where they are: `servers[1].url`.
  public let path: String
  /// The API's name: the operation's `operationId`.
  public let api: String?
  /// Those that break callers first.
  public let findings: [Finding]
  /// Which version the left side shows; nil where the definition does not say.
  public var leftVersion: String?
  public var rightVersion: String?

  public var isBreaking: Bool { findings.contains(where: \.isBreaking) }

  init(
    _ kind: Kind, method: String? = nil, path: String, api: String? = nil, findings: [Finding],
    leftVersion: String? = nil, rightVersion: String? = nil
  ) {
    self.kind = kind
    self.method = method
    self.path = path
    self.api = api
    self.findings = findings.filter(\.isBreaking) + findings.filter { !$0.isBreaking }
    self.leftVersion = leftVersion
    self.rightVersion = rightVersion
  }
}

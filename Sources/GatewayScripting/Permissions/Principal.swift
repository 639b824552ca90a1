public import GatewayAPI

/// Whose code asks for something.
public enum Principal: Sendable, Hashable {
  /// What the operator runs: a script, and the modules beside it.
  case script
  case package(PackagePrincipal)

  /// Of the call of a host function that the current task carries out; ``nobody`` outside of one, unless whoever began
  /// the task says whose it is.
  @TaskLocal public static var current = Principal.nobody

  /// Who may nothing.
  public static let nobody = Principal.package(PackagePrincipal(name: "code of nobody", version: ""))
}

/// A package as far as its permissions go.
public struct PackagePrincipal: Sendable, Hashable {
  /// `acme/rotate`
  public var name: String
  public var version: String
  /// What its manifest asks for: it never gets more.
  public var declared: [Permission]
  /// What it was granted of that.
  public var granted: [Permission]

  public init(name: String, version: String, declared: [Permission] = [], granted: [Permission] = []) {
    self.name = name
    self.version = version
    self.declared = declared
    self.granted = granted
  }

  /// "acme/rotate 2.1.0"
  public var title: String { version.isEmpty ? name : "\(name) \(version)" }
}

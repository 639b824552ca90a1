public import GatewayAPI
internal import GatewayScripting
public import LuaRuntime

/// Finds mistakes in scripts without running them: no gateway is turned to, nothing is written down.
///
/// What is Lua and what is not, Lua's own compiler says; everything else is the rules'.
public struct ScriptChecker: Sendable {
  /// What is known of the surroundings in which the scripts are to run.
  public struct Surroundings: Sendable {
    public var permissions: Permissions
    /// Whether something needs no grant.
    public var isOwn: @Sendable (Permission) -> Bool

    public init(
      permissions: Permissions = Permissions(), isOwn: @escaping @Sendable (Permission) -> Bool = { _ in false }
    ) {
      self.permissions = permissions
      self.isOwn = isOwn
    }
  }

  private let surroundings: Surroundings
  private let compiler: LuaEngine

  /// - Throws: `LuaError` when there is no memory or thread left.
  public init(_ surroundings: Surroundings = Surroundings()) async throws(LuaError) {
    self.surroundings = surroundings
    compiler = try await LuaEngine { _ in }
  }

  /// What is wrong with a script, in the order of its lines.
  ///
  /// - Parameters:
  ///   - script: named as its file is: `_spec.lua` at the end tells of tests, which have words of their own.
  ///   - modules: finds what it requires; nil where there is nothing to require.
  ///   - isBesideTests: whether it may be a module of theirs: it is one when it requires `apig.test`.
  ///   - grantForFile: what a path, as the script writes it, needs to be granted; nil for nothing.
  /// - Throws: `LuaError` when the compiler itself fails; `CancellationError`.
  public func findings(
    in script: LuaChunk, modules: LuaModuleSource? = nil, isBesideTests: Bool = false,
    grantForFile: @escaping @Sendable (Permission) -> Permission? = { $0.object.hasPrefix("/") ? $0 : nil }
  ) async throws -> [ScriptFinding] {
    let text = SourceText(script.source)
    do throws(LuaError) {
      try await compiler.check(script)
    } catch {
      guard error.code == .syntax || error.code == .limit else { throw error }
      return [SyntaxComplaint(error, in: text).finding]
    }
    let block: Block
    do throws(SyntaxError) {
      block = try Parser.parse(script.source)
    } catch {
      // Lua takes it: the fault is this parser's.
      return [
        ScriptFinding(
          .warning, rule: "not-checked", start: text.position(at: error.offset),
          message: "this script could not be looked into: \(error.message)",
          hint: "Lua takes it, so please report this")
      ]
    }
    let reading = ScriptReading(text, block)
    let isTest = script.name.hasSuffix("_spec.lua") || isBesideTests && reading.requires(SandboxLibrary.testModule)
    return rules(for: reading, isTest: isTest, modules, grantForFile).flatMap { $0.findings(in: reading) }.sorted {
      ($0.start ?? ScriptPosition(line: 0, column: 0)) < ($1.start ?? ScriptPosition(line: 0, column: 0))
    }
  }

  private func rules(
    for script: ScriptReading, isTest: Bool, _ modules: LuaModuleSource?,
    _ grantForFile: @escaping @Sendable (Permission) -> Permission?
  ) -> [any ScriptRule] {
    [
      UndefinedGlobals(isTest: isTest), UnusedVariables(except: IgnoredFailures.variables(in: script)), Misuses(),
      CallArguments(), ParameterDeclarations(), UnorderedCalls(), IgnoredFailures(),
      MissingGrants(
        permissions: surroundings.permissions, isOwn: surroundings.isOwn, grantForFile: grantForFile),
      MissingModules(modules: modules, isTest: isTest),
    ]
  }
}

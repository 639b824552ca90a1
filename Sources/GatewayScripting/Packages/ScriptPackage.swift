internal import GatewayAPI
public import LuaRuntime
internal import ReleaseEngine

/// A package as a run needs it.
public struct ScriptPackage: Sendable {
  public var principal: PackagePrincipal
  /// The SHA-256 of its files, by which a resumed run knows it again.
  public var digest: String
  /// Finds its own modules by their whole names: `acme.rotate`, `acme.rotate.waves`.
  public var modules: LuaModuleSource
  /// Whether its code runs in a process of its own.
  public var isIsolated: Bool

  public init(
    principal: PackagePrincipal, digest: String = "", isIsolated: Bool, modules: @escaping LuaModuleSource
  ) {
    self.principal = principal
    self.digest = digest
    self.isIsolated = isIsolated
    self.modules = modules
  }

  public var name: String { principal.name }

  /// The package that a module belongs to by its name: `acme/rotate` for `acme.rotate.waves`; nil when it can be none's.
  public static func name(ofModule module: String) -> String? {
    let parts = module.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count >= 2, module.wholeMatch(of: /[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)+/) != nil else { return nil }
    return "\(parts[0])/\(parts[1])"
  }
}

/// The packages that a run may use.
public protocol ScriptPackages: Sendable {
  /// Whether there is none, and will be none for the run that begins now: it then goes without all that packages need.
  var areNone: Bool { get }

  /// Whether there is one of that name for its requirer: another package, or nil for the run's own script. Answers at
  /// once.
  ///
  /// - Throws: why nobody can tell.
  func contains(_ name: String, for requirer: String?) throws -> Bool

  /// Reads a package, and makes sure that it is what it should be.
  ///
  /// - Throws: why it may not be used, as scripts are to see it.
  func package(_ name: String) async throws -> ScriptPackage
}

extension ScriptContext {
  /// What the code of a package runs in when it is called in this run: the same journal, gateway and output, and an
  /// authority of its own.
  func called(_ package: ScriptPackage) -> ScriptContext {
    var context = self
    context.principal = .package(package.principal)
    context.isCalled = true
    context.parameters = ParameterValues()
    let digest = ContentDigest.salted(package.name, with: String(seed))
    context.seed = UInt64(digest.prefix(16), radix: 16) ?? seed
    context.place = nil
    context.confine(to: package.principal)
    return context
  }

  /// The same for a package whose own entry point is the run's script.
  public func running(_ package: ScriptPackage) -> ScriptContext {
    var context = self
    context.principal = .package(package.principal)
    context.confine(to: package.principal)
    return context
  }

  /// Narrows what a package reaches without a word of permission for it: other gateways, and a person's trust.
  private mutating func confine(to package: PackagePrincipal) {
    let (run, own, ask) = (run, facts.gateway, surroundings.ask)
    self.run = { name in
      guard name == nil || name == own else {
        throw GatewayError(
          kind: .refused, message: "\(package.title) wants the gateway '\(name ?? "")'",
          hint: "packages work on the run's own gateway, \(own)")
      }
      return try await run(nil)
    }
    surroundings.ask = { question in
      var question = question
      question.text = "\(package.title) asks: \(question.text)"
      try await ask(question)
    }
  }
}

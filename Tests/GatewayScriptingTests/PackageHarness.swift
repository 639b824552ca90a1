import GatewayAPI
import GatewayScripting
import LuaRuntime

/// A package of a test: its modules by what is behind its own name, `""` for `init.lua`.
struct PackageSources: Sendable {
  var name: String
  var declared: [String] = []
  var granted: [String] = []
  var modules: [String: String]

  init(_ name: String, declared: [String] = [], granted: [String]? = nil, _ source: String) {
    self.init(name, declared: declared, granted: granted, modules: ["": source])
  }

  init(_ name: String, declared: [String] = [], granted: [String]? = nil, modules: [String: String]) {
    self.name = name
    self.declared = declared
    self.granted = granted ?? declared
    self.modules = modules
  }

  func package() throws -> ScriptPackage {
    let base = name.replacing("/", with: ".")
    let modules = modules
    let name = name
    return ScriptPackage(
      principal: PackagePrincipal(
        name: name, version: "2.1.0", declared: try declared.map { try Permission($0) },
        granted: try granted.map { try Permission($0) }),
      isIsolated: false
    ) { module in
      let rest = module == base ? "" : module.hasPrefix(base + ".") ? String(module.dropFirst(base.count + 1)) : nil
      guard let rest, let source = modules[rest] else { return nil }
      return ("\(name)/\(rest.isEmpty ? "init" : rest).lua", Array(source.utf8))
    }
  }
}

struct SourcePackages: ScriptPackages {
  let sources: [PackageSources]

  var areNone: Bool { sources.isEmpty }

  func contains(_ name: String, for requirer: String?) -> Bool { sources.contains { $0.name == name } }

  func package(_ name: String) async throws -> ScriptPackage {
    guard let source = sources.first(where: { $0.name == name }) else {
      throw GatewayError(kind: .notFound, message: "there is no package \(name)")
    }
    return try source.package()
  }
}

extension ScriptHarness {
  /// Runs a script that finds packages, and returns its value.
  @discardableResult
  func callAsFunction(
    _ script: String, packages first: PackageSources, _ more: PackageSources..., limits: LuaLimits = LuaLimits()
  ) async throws -> Document {
    var runner = ScriptRunner(limits: limits)
    runner.packages = SourcePackages(sources: [first] + more)
    return try await runner.run(LuaChunk(name: "test.lua", source: script), in: context())
  }
}

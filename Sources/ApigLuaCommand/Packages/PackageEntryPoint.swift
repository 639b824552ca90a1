internal import GatewayScripting
internal import LuaRuntime
internal import PlaybookPackages

/// A file of a package that is run as a script.
struct PackageEntryPoint: Sendable {
  /// How it is named on the command line: `acme/rotate`, or `acme/rotate:check` for one of several.
  struct Reference: Sendable, Hashable, CustomStringConvertible {
    let package: PackageName
    /// Nil for the default one.
    let entry: String?

    /// Nil for what names no package.
    init?(_ text: String) {
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let package = try? PackageName(parts[0]), parts.count == 1 || !parts[1].isEmpty else { return nil }
      self.package = package
      entry = parts.count > 1 ? parts[1] : nil
    }

    var description: String { package.description + (entry.map { ":\($0)" } ?? "") }
  }

  let reference: Reference
  let package: ScriptPackage
  let chunk: LuaChunk
}

extension ScriptSource {
  /// What is really meant by a word that names no file: an entry point of a package.
  ///
  /// - Throws: ``PackageError``, ``UsageError``.
  func resolved(in packages: LockedPackages) async throws -> ScriptSource {
    guard case .file(let path) = self, !exists else { return self }
    if path.hasSuffix(":"), let package = try? PackageName(String(path.dropLast())) {
      throw UsageError(
        message: "'\(path)' names no entry point", hint: "write \(package) for the usual one, or \(package):NAME")
    }
    guard let reference = PackageEntryPoint.Reference(path),
      let entryPoint = try await packages.entryPoint(reference)
    else { return self }
    return .entryPoint(entryPoint)
  }

  /// How an entry point is named on the command line; nil for what is none.
  var entryPointName: String? {
    if case .entryPoint(let entryPoint) = self { entryPoint.reference.description } else { nil }
  }

  /// The package that it is a part of, and whose rights it has.
  var package: ScriptPackage? {
    if case .entryPoint(let entryPoint) = self { entryPoint.package } else { nil }
  }
}

import Testing

@testable import PlaybookPackages

/// Versions that fit together, found among packages that are written down here.
@Suite(.timeLimit(.minutes(5))) struct SolverTests {
  /// Packages by name and version, with what each needs: "acme/a@1.0.0": ["acme/b@^1"].
  private final class Shelf: PackageCatalog {
    private var packages: [PackageName: [Package]] = [:]
    private let locked: [PackageName: SemanticVersion]
    private(set) var readCount = 0

    init(_ packages: [String: [String]], locked: [String] = []) throws {
      for (text, needs) in packages {
        let (name, version) = try Self.split(text)
        var lines = ["name: \(name)", "version: \(version)"]
        if !needs.isEmpty { lines.append("dependencies:") }
        for need in needs {
          let (name, range) = try Self.split(need)
          lines.append("  \(name): { source: \"https://example.com/\(name)\", version: \"\(range)\" }")
        }
        let text = Array(lines.joined(separator: "\n").utf8)
        let manifest = try PackageManifest(text)
        let tree = try PackageTree([(try PackagePath("package.yaml"), text)])
        self.packages[manifest.name, default: []].append(Package(manifest: manifest, tree: tree, signature: nil))
      }
      self.locked = Dictionary(
        uniqueKeysWithValues: try locked.map { text in
          let (name, version) = try Self.split(text)
          return (name, try SemanticVersion(version))
        })
    }

    private static func split(_ text: String) throws -> (PackageName, String) {
      let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
      return (try PackageName(parts[0]), parts[1])
    }

    func demand(_ text: String) throws -> PackageDemand {
      let (name, range) = try Self.split(text)
      return PackageDemand(
        name: name, source: try PackageSource("https://example.com/\(name)"), range: try VersionRange(range),
        by: "the project")
    }

    private func release(_ demand: PackageDemand, _ version: SemanticVersion) -> PackageRelease {
      PackageRelease(origin: PackageOrigin(location: demand.source.location), version: version)
    }

    func preferredRelease(for demand: PackageDemand) -> PackageRelease? {
      locked[demand.name].map { release(demand, $0) }
    }

    func releases(for demand: PackageDemand) async throws -> [PackageRelease] {
      (packages[demand.name] ?? []).map(\.version).sorted(by: >).map { release(demand, $0) }
    }

    func package(of release: PackageRelease, for demand: PackageDemand) async throws -> Package {
      readCount += 1
      guard let package = packages[demand.name]?.first(where: { $0.version == release.version }) else {
        throw PackageError(.unavailable, "there is none")
      }
      return package
    }

    func requireRunnable(_ package: Package) throws(PackageError) {}
  }

  private func solve(_ shelf: Shelf, _ demands: String...) async throws -> [String] {
    var solver = VersionSolver(catalog: shelf)
    let chosen = try await solver.solve(try demands.map(shelf.demand))
    return chosen.map { "\($0.key)@\($0.value.package.version)" }.sorted()
  }

  @Test func theHighestVersionsThatFitAreTaken() async throws {
    let shelf = try Shelf([
      "acme/a@1.0.0": ["acme/b@^1"], "acme/a@1.1.0": ["acme/b@^1.1"], "acme/b@1.0.0": [], "acme/b@1.2.0": [],
      "acme/b@2.0.0": [], "acme/b@1.3.0-rc.1": [],
    ])
    #expect(try await solve(shelf, "acme/a@^1") == ["acme/a@1.1.0", "acme/b@1.2.0"])
  }

  @Test func aLowerVersionIsTakenWhereTheHighestLeadsNowhere() async throws {
    let shelf = try Shelf([
      "acme/a@2.0.0": ["acme/c@^2"], "acme/a@1.0.0": ["acme/c@^1"], "acme/b@1.0.0": ["acme/c@^1"],
      "acme/c@1.4.0": [], "acme/c@2.0.0": [],
    ])
    #expect(try await solve(shelf, "acme/a@*", "acme/b@*") == ["acme/a@1.0.0", "acme/b@1.0.0", "acme/c@1.4.0"])
  }

  @Test func whatIsLockedStaysAsLongAsItFits() async throws {
    let packages: [String: [String]] = [
      "acme/a@1.0.0": ["acme/b@^1"], "acme/a@1.1.0": ["acme/b@^1"], "acme/a@2.0.0": ["acme/b@^2"],
      "acme/b@1.0.0": [], "acme/b@1.9.0": [], "acme/b@2.0.0": [],
    ]
    let kept = try Shelf(packages, locked: ["acme/a@1.0.0", "acme/b@1.0.0"])
    #expect(try await solve(kept, "acme/a@*") == ["acme/a@1.0.0", "acme/b@1.0.0"])
    let other = try Shelf(packages, locked: ["acme/b@1.0.0"])
    #expect(try await solve(other, "acme/a@^2") == ["acme/a@2.0.0", "acme/b@2.0.0"])
  }

  @Test func aConflictNamesBothDemands() async throws {
    let shelf = try Shelf([
      "acme/a@1.0.0": ["acme/c@^2"], "acme/b@1.0.0": ["acme/c@^1"], "acme/c@1.4.0": [], "acme/c@2.0.1": [],
    ])
    let error = try await #require(throws: PackageError.self) { try await solve(shelf, "acme/a@*", "acme/b@*") }
    #expect(error.kind == .conflict)
    #expect(error.message == "no version of acme/c fits: acme/a 1.0.0 needs ^2; acme/b 1.0.0 needs ^1", "\(error)")
    #expect(error.hint == "there is 2.0.1, 1.4.0")
    let none = try await #require(throws: PackageError.self) { try await solve(shelf, "acme/c@^3") }
    #expect(none.message == "no version of acme/c fits: the project needs ^3")
  }

  @Test func packagesThatNeedEachOtherAreRefused() async throws {
    let shelf = try Shelf([
      "acme/a@1.0.0": ["acme/b@*"], "acme/b@1.0.0": ["acme/c@*"], "acme/c@1.0.0": ["acme/a@*"],
    ])
    let error = try await #require(throws: PackageError.self) { try await solve(shelf, "acme/a@*") }
    #expect(error.message == "packages need each other: acme/a needs acme/b needs acme/c needs acme/a")
  }

  @Test func twoPlacesOfOnePackageAreAConflict() async throws {
    let shelf = try Shelf(["acme/a@1.0.0": ["acme/b@*"], "acme/b@1.0.0": []])
    var solver = VersionSolver(catalog: shelf)
    let elsewhere = PackageDemand(
      name: try PackageName("acme/b"), source: try PackageSource("https://elsewhere.example.com/b"), range: .any,
      by: "the project")
    let error = try await #require(throws: PackageError.self) {
      try await solver.solve([try shelf.demand("acme/a@*"), elsewhere])
    }
    #expect(error.message.contains("wanted from two places"), "\(error)")
  }

  /// Every package's versions conflict with the next's, all the way down: nobody waits for that.
  @Test func aPuzzleEnds() async throws {
    var packages: [String: [String]] = [:]
    for letter in "abcdefghij" {
      for version in 1...9 {
        let next = Character(UnicodeScalar((letter.asciiValue ?? 0) + 1))
        packages["acme/\(letter)@\(version).0.0"] = ["acme/\(next)@*", "acme/z@^\(version)"]
      }
    }
    for version in 1...9 { packages["acme/k@\(version).0.0"] = ["acme/z@^99"] }
    packages["acme/z@1.0.0"] = []
    let shelf = try Shelf(packages)
    let error = try await #require(throws: PackageError.self) { try await solve(shelf, "acme/a@*") }
    #expect(error.kind == .conflict && shelf.readCount <= 2001)
  }
}

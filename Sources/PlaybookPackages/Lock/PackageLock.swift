/// `apig.lock`: the packages of a project, to the byte.
public struct PackageLock: Sendable, Hashable {
  public static let fileName = "apig.lock"
  /// The form of the file that this writes and reads.
  static let form = 1
  static let maximumSize = 1 << 20

  private var entries: [PackageName: LockedPackage]

  public init(_ packages: [LockedPackage] = []) {
    entries = Dictionary(packages.map { ($0.name, $0) }) { _, later in later }
  }

  public subscript(name: PackageName) -> LockedPackage? {
    get { entries[name] }
    set { entries[name] = newValue }
  }

  /// Sorted by name.
  public var packages: [LockedPackage] { entries.values.sorted { $0.name < $1.name } }

  /// The packages that need another, for messages.
  public func dependents(of name: PackageName) -> [LockedPackage] {
    packages.filter { $0.dependencies[name] != nil }
  }

  /// Leaves out what neither the project nor another package needs.
  ///
  /// - Returns: the names of those left out, sorted.
  mutating func removeUnneeded() -> [PackageName] {
    var needed: Set<PackageName> = []
    var open = packages.filter { $0.request != nil }.map(\.name)
    while let name = open.popLast() {
      guard needed.insert(name).inserted else { continue }
      open += entries[name].map { Array($0.dependencies.keys) } ?? []
    }
    let unneeded = entries.keys.filter { !needed.contains($0) }.sorted()
    for name in unneeded { entries[name] = nil }
    return unneeded
  }

  /// - Throws: ``PackageError`` of kind `malformed` when a package that another needs is missing, or does not fit.
  public func requireComplete() throws(PackageError) {
    for package in packages {
      for (name, range) in package.dependencies.sorted(by: { $0.key < $1.key }) {
        guard let needed = entries[name] else {
          throw PackageError(
            .malformed, place: Self.fileName, "\(package.name) needs \(name) \(range), which is not there",
            hint: "apig-lua pkg update \(package.name) finds it")
        }
        guard range.contains(needed.version) else {
          throw PackageError(
            .malformed, place: Self.fileName,
            "\(package.name) needs \(name) \(range), and version \(needed.version) is there",
            hint: "apig-lua pkg update \(name) finds another")
        }
      }
    }
  }
}

internal import GatewayAPI

/// Who waits for which packages' modules to be loaded.
///
/// What a module does while it is loaded stands in one branch of the journal, whoever waits for it.
struct LoadWaits {
  private var waits: [Int: (branch: String, module: String)] = [:]
  private var lastNumber = 0

  static func branch(of module: String) -> String { "/0.\(module)" }

  /// The module in whose loading a branch is.
  private static func module(of branch: String) -> String? {
    branch.hasPrefix("/0.") ? String(branch.dropFirst(3).prefix { $0 != "/" }) : nil
  }

  /// Takes note of a task that waits from now on, until ``end(_:)``.
  ///
  /// - Throws: `GatewayError` of kind `usage` when the module's loading waits for that task.
  mutating func begin(_ module: String, from branch: String) throws(GatewayError) -> Int {
    if let loading = Self.module(of: branch), let way = way(from: module, to: loading) {
      throw GatewayError(
        kind: .usage, message: "\(([loading] + way).joined(separator: " requires ")): a cycle",
        hint: "require one of them where it is needed first, not while it is loaded")
    }
    lastNumber += 1
    waits[lastNumber] = (branch, module)
    return lastNumber
  }

  mutating func end(_ number: Int) { waits[number] = nil }

  /// The modules that one waits for on the way to another.
  private func way(from module: String, to end: String) -> [String]? {
    var seen: Set<String> = []
    func find(_ module: String) -> [String]? {
      if module == end { return [module] }
      guard seen.insert(module).inserted else { return nil }
      for (branch, next) in waits.values where Self.module(of: branch) == module {
        if let way = find(next) { return [module] + way }
      }
      return nil
    }
    return find(module)
  }

  /// A branch, and those of all who wait for what it does.
  func waiting(for branch: String) -> [String] {
    var branches = [branch]
    var seen: Set<String> = []
    var index = 0
    while index < branches.count {
      if let module = Self.module(of: branches[index]), seen.insert(module).inserted {
        branches += waits.values.filter { $0.module == module }.map(\.branch)
      }
      index += 1
    }
    return branches
  }
}

/// What differs between the files of two versions of a package.
public struct TreeDifference: Sendable {
  public struct File: Sendable {
    public enum State: String, Sendable {
      case added, removed, changed
    }

    public let name: String
    public let state: State
    /// The lines that come and go; nil for a file that is no text.
    public let lines: LineDifference?
  }

  /// The files that differ, by name.
  public let files: [File]

  public init(from before: PackageTree?, to after: PackageTree?) {
    let earlier = Self.contents(of: before)
    let later = Self.contents(of: after)
    var budget = LineDifference.budget
    var files: [File] = []
    for name in Set(earlier.keys).union(later.keys).sorted() where earlier[name] != later[name] {
      let state: File.State = earlier[name] == nil ? .added : later[name] == nil ? .removed : .changed
      let lines = LineDifference(from: earlier[name] ?? [], to: later[name] ?? [], budget: &budget)
      files.append(File(name: name, state: state, lines: lines))
    }
    self.files = files
  }

  private static func contents(of tree: PackageTree?) -> [String: [UInt8]] {
    Dictionary((tree?.files ?? []).map { ($0.name, $0.content) }) { first, _ in first }
  }

  /// As `diff -u` writes it, with what cannot be seen made visible.
  public var unifiedText: String {
    files.map { file in
      let from = file.state == .added ? "/dev/null" : "a/" + file.name
      let to = file.state == .removed ? "/dev/null" : "b/" + file.name
      return "--- \(from)\n+++ \(to)\n" + (file.lines?.unifiedText ?? "the files differ, and are no text\n")
    }.joined()
  }
}

/// What the manual says of one thing.
protocol ManualEntry {
  /// As people look for it: "apig.publish", "version".
  var name: String { get }
  /// One sentence.
  var summary: String { get }

  /// The whole entry for a terminal.
  ///
  /// - Parameter width: columns.
  func text(width: Int) -> String

  /// The whole entry below a heading of its own.
  ///
  /// - Parameter level: of the heading.
  func markdown(level: Int) -> String
}

extension ManualEntry {
  func heading(_ level: Int) -> String { String(repeating: "#", count: level) + " \(name)\n" }
}

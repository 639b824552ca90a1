internal import Synchronization

/// The lines of an input that are complete while the next is typed.
final class EarlierLines: Sendable {
  private let lines = Mutex("")

  func append(_ line: String) { lines.withLock { $0 += line + "\n" } }

  func forget() { lines.withLock { $0 = "" } }

  /// With the last line's end; empty in the first line.
  var text: String { lines.withLock(\.self) }
}

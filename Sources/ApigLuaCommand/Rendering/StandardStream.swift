internal import Glibc

/// One of the process's streams, written without buffering.
struct StandardStream: Sendable {
  static let output = StandardStream(descriptor: STDOUT_FILENO)
  static let error = StandardStream(descriptor: STDERR_FILENO)

  let descriptor: Int32

  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Writes all of it; a reader that went away is no error.
  func write(_ text: String) { write(Array(text.utf8)) }

  ///
  /// What goes to the terminal that shows a ``LiveRegion`` comes above it, and so it does with an ``EditedLine``.
  func write(_ bytes: [UInt8]) {
    if !LiveRegion.write(bytes, above: self), !EditedLine.write(bytes, above: self) { writeAsIs(bytes) }
  }

  /// Writes past everything that is shown.
  func writeAsIs(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }
}

internal import Glibc
internal import Synchronization

/// The lines at the bottom of the terminal that change while a run goes on.
///
/// A process has one terminal, so there is one region. Everything else that is written to the terminal meanwhile clears
/// it, and stands above it when it is painted the next time.
enum LiveRegion {
  /// The most lines that are shown.
  static let maximumLines = 8

  private struct State {
    var isOpen = false
    var isOutputShared = false
    var style: Style?
    var columns: String?
    /// Widths of the lines that are on the screen now; the cursor is behind the last.
    var painted: [Int] = []
    var shown: [String] = []
    /// Whether what was written last ended its line: nothing is painted behind half a line.
    var isAtLineStart = true
    /// How many questions are open.
    var pauses = 0
  }

  private static let state = Mutex(State())

  /// From now on ``show(_:)`` paints on standard error.
  ///
  /// - Parameter columns: the width that the environment states.
  static func open(style: Style, columns: String?) {
    state.withLock { state in
      state.isOpen = true
      state.isOutputShared = outputIsTheSameTerminal
      state.style = style
      state.columns = columns
    }
  }

  /// Takes the region off the screen for good.
  static func close() {
    state.withLock { state in
      StandardStream.error.writeAsIs(erasing(&state))
      state.isOpen = false
    }
  }

  /// Takes it off before the process ends at once; waits for nobody.
  static func leave() {
    _ = state.withLockIfAvailable { state in
      StandardStream.error.writeAsIs(erasing(&state))
      state.isOpen = false
    }
  }

  /// Shows these lines in place of those before.
  static func show(_ lines: [RegionLine]) {
    state.withLock { state in
      guard state.isOpen, state.isAtLineStart, state.pauses == 0, let style = state.style else { return }
      let size = TerminalSize(of: StandardStream.error.descriptor, columns: state.columns)
      // A line as wide as the screen would leave the cursor where terminals do not agree.
      let painted = lines.prefix(max(1, min(maximumLines, size.rows - 1))).map {
        $0.painted(columns: max(1, size.columns - 1), style: style)
      }
      let texts = painted.map(\.text)
      guard texts != state.shown else { return }
      var bytes = erasing(&state)
      bytes += Array(texts.joined(separator: "\n").utf8)
      StandardStream.error.writeAsIs(bytes)
      state.shown = texts
      state.painted = painted.map(\.width)
    }
  }

  /// Writes something else to the terminal that shows the region.
  ///
  /// - Returns: false when the stream has nothing to do with it; then nothing is written.
  static func write(_ bytes: [UInt8], above stream: StandardStream) -> Bool {
    guard stream.descriptor == STDOUT_FILENO || stream.descriptor == STDERR_FILENO else { return false }
    return state.withLock { state in
      guard state.isOpen, stream.descriptor == STDERR_FILENO || state.isOutputShared else { return false }
      stream.writeAsIs(erasing(&state) + bytes)
      if let last = bytes.last { state.isAtLineStart = last == UInt8(ascii: "\n") }
      return true
    }
  }

  /// Takes it off the screen while somebody types.
  static func pause() {
    state.withLock { state in
      state.pauses += 1
      guard state.isOpen else { return }
      StandardStream.error.writeAsIs(erasing(&state))
    }
  }

  /// - Parameter atLineStart: whether the cursor is known to be in a fresh line.
  static func resume(atLineStart: Bool) {
    state.withLock { state in
      state.pauses -= 1
      if atLineStart { state.isAtLineStart = true }
    }
  }

  /// What takes the painted lines off the screen and leaves the cursor where the first of them began.
  private static func erasing(_ state: inout State) -> [UInt8] {
    guard !state.painted.isEmpty else { return [] }
    let columns = TerminalSize(of: StandardStream.error.descriptor, columns: state.columns).columns
    // In a window that was made narrower since, a line takes more rows than one.
    let rows = state.painted.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
    state.painted = []
    state.shown = []
    let up = rows > 1 ? "\u{1B}[\(rows - 1)A" : ""
    return Array("\r\(up)\u{1B}[J".utf8)
  }

  private static var outputIsTheSameTerminal: Bool {
    var output = stat()
    var error = stat()
    return StandardStream.output.isTerminal && fstat(STDOUT_FILENO, &output) == 0 && fstat(STDERR_FILENO, &error) == 0
      && output.st_rdev == error.st_rdev
  }
}

internal import Glibc

/// How large the terminal is right now.
struct TerminalSize: Sendable {
  let columns: Int
  let rows: Int

  /// - Parameter columns: what `COLUMNS` says; it goes before what the terminal says.
  init(of descriptor: Int32, columns: String?) {
    var size = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
    let stated = columns.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    self.columns = stated ?? (isKnown && size.ws_col > 0 ? Int(size.ws_col) : 80)
    rows = isKnown && size.ws_row > 0 ? Int(size.ws_row) : 24
  }
}

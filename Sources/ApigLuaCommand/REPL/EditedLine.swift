internal import LineEditor
internal import Synchronization

/// The line that is being typed at the terminal: what is written there meanwhile stands above it.
enum EditedLine {
  private static let editor = Mutex<LineEditor?>(nil)

  /// - Parameter editor: whose line it is; nil when the session is over.
  static func belongs(to editor: LineEditor?) { self.editor.withLock { $0 = editor } }

  /// - Returns: false when nothing is typed at the stream's terminal; then nothing is written.
  static func write(_ bytes: [UInt8], above stream: StandardStream) -> Bool {
    guard let editor = editor.withLock(\.self), stream.isTerminal else { return false }
    return editor.note(String(decoding: bytes, as: UTF8.self))
  }
}

internal import CLineEditor
internal import Dispatch
internal import Synchronization

/// How a line of the terminal came to its end.
public enum LineInput: Sendable, Hashable {
  case line(String)
  /// A line in the middle of what was pasted: the next one is there already.
  case pasted(String)
  /// Ctrl-C: what was typed is dropped.
  case interrupted
  /// Ctrl-D in an empty line, or the terminal is gone.
  case end
}

/// A line editor on the process's terminal: input on standard input, everything it shows on standard error.
///
/// Editing happens on a thread of its own; while a line is edited, Ctrl-C is a key and no signal. There is one at a time.
public final class LineEditor: Sendable {
  /// Gets the line and how many characters of it stand before the cursor; is called on the editor's thread, and must be
  /// quick.
  public typealias Completing = @Sendable (_ line: String, _ cursor: Int) -> LineCompletion

  /// Unchecked: the pointer never changes, and the editor's queue is the only one to use it, but for what any thread
  /// may call.
  private struct Handle: @unchecked Sendable {
    let editor: OpaquePointer
  }

  private final class Completer: Sendable {
    let complete: Completing
    init(_ complete: @escaping Completing) { self.complete = complete }
  }

  private let handle: Handle
  private let completer: Completer
  private let queue = DispatchQueue(label: "apig-lua.line-editor")

  /// - Parameter complete: what the tabulator key does.
  /// - Returns: nil when the terminal cannot be used.
  public init?(complete: @escaping Completing = { _, _ in LineCompletion() }) {
    completer = Completer(complete)
    let editor = cle_new(
      { context, editor, line, length, cursor in
        guard let context, let editor, let line else { return }
        let completer = Unmanaged<Completer>.fromOpaque(context).takeUnretainedValue()
        let bytes = UnsafeRawBufferPointer(start: line, count: length)
        let text = String(decoding: bytes, as: UTF8.self)
        let head = String(decoding: bytes.prefix(cursor), as: UTF8.self)
        let completion = completer.complete(text, head.count)
        if completion.replaced > 0 || !completion.insertion.isEmpty {
          // libedit counts code points.
          let replaced = head.suffix(completion.replaced).unicodeScalars.count
          completion.insertion.withCString { cle_replace(editor, replaced, $0) }
        }
        if !completion.listing.isEmpty { completion.listing.withCString { cle_list(editor, $0) } }
      }, Unmanaged.passUnretained(completer).toOpaque())
    guard let editor else { return nil }
    handle = Handle(editor: editor)
  }

  deinit {
    let handle = handle
    let completer = completer
    queue.async {
      cle_free(handle.editor)
      // The editor knows it by address only.
      withExtendedLifetime(completer) {}
    }
  }

  /// Shows the prompt and waits for a line.
  public func read(prompt: String) async -> LineInput {
    await withCheckedContinuation { continuation in
      let handle = handle
      queue.async {
        let how = prompt.withCString { cle_read(handle.editor, $0) }
        var length = 0
        let bytes = UnsafeRawBufferPointer(start: cle_line(handle.editor, &length), count: length)
        let text = String(decoding: bytes, as: UTF8.self)
        let input: LineInput =
          switch Int(how) {
          case CLE_LINE: .line(text)
          case CLE_PASTED: .pasted(text)
          case CLE_INTERRUPTED: .interrupted
          default: .end
          }
        continuation.resume(returning: input)
      }
    }
  }

  /// Sets what the arrow keys go through, the oldest first.
  public func replaceHistory(with lines: [String]) {
    let handle = handle
    queue.async {
      cle_forget(handle.editor)
      for line in lines { line.withCString { cle_remember(handle.editor, $0) } }
    }
  }

  /// Adds a line to what the arrow keys go through.
  public func remember(_ line: String) {
    let handle = handle
    queue.async { line.withCString { cle_remember(handle.editor, $0) } }
  }

  /// Shows lines above the one that is edited. Any thread may call it.
  ///
  /// - Returns: false when none is edited; then nothing is shown.
  public func note(_ text: String) -> Bool { text.withCString { cle_note(handle.editor, $0) } != 0 }

  /// Ends the read that is in progress, and every later one.
  public func stop() { cle_stop(handle.editor) }
}

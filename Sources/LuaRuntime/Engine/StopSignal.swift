import CLuaShims
import Synchronization

/// How other threads end a run.
///
/// Unchecked: the pointer never changes, lives as long as this object, and the shim's functions on it are atomic.
@safe final class StopSignal: @unchecked Sendable {
  let pointer: OpaquePointer
  private let mailbox = Mutex<Mailbox?>(nil)

  /// Nil when memory runs out.
  init?() {
    guard let pointer = unsafe clua_signal_new() else { return nil }
    unsafe self.pointer = pointer
  }

  deinit { unsafe clua_signal_free(pointer) }

  var reason: Int { Int(unsafe clua_signal_reason(pointer)) }

  /// Since when the engine has been in Lua without a break, in nanoseconds of the monotonic clock; nil: it is not.
  var inLuaSince: Int64? {
    let since = unsafe clua_signal_in_lua_since(pointer)
    return since == 0 ? nil : since
  }

  /// Forgets earlier requests: a run begins.
  func begin(_ mailbox: Mailbox) {
    unsafe clua_signal_clear(pointer)
    self.mailbox.withLock { $0 = mailbox }
    // A request between the two found no mailbox.
    if reason != CLUA_STOP_NONE { mailbox.stop() }
  }

  func end() {
    mailbox.withLock { $0 = nil }
    unsafe clua_signal_clear(pointer)
  }

  func raise(_ reason: Int) {
    unsafe clua_signal_raise(pointer, Int32(truncatingIfNeeded: reason))
    mailbox.withLock { $0 }?.stop()
  }
}

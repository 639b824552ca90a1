internal import GRDB
internal import RunJournal

extension JournalError {
  /// What went wrong with the file at a path, in words that help.
  init(_ error: any Error, path: String) {
    if let error = error as? JournalError {
      self = error
      return
    }
    guard let error = error as? DatabaseError else {
      self.init(code: .unavailable, message: "the journal \(path) cannot be used: \(error)")
      return
    }
    let reason = error.message ?? "\(error.resultCode)"
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(
        code: .unavailable, message: "the journal \(path) is damaged: \(reason)",
        hint: "move it and the files beside it (-wal, -shm) away: a new one is made; runs in it cannot be resumed")
    case .SQLITE_FULL:
      self.init(
        code: .full, message: "the journal \(path) cannot grow: its disk is full",
        hint: "make room there, or set XDG_STATE_HOME to a folder on another disk")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      self.init(
        code: .unavailable, message: "the journal \(path) cannot be written: \(reason)",
        hint: "it must be a file that you may write, in a folder that you may write")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(
        code: .unavailable, message: "the journal \(path) is locked by another process that does not let go",
        hint: "see who has it open: fuser \(path)")
    default: self.init(code: .unavailable, message: "the journal \(path) cannot be used: \(reason)")
    }
  }
}

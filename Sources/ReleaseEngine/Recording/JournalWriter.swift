internal import RunJournal

/// Writes a run's entries, one commit at a time: what comes while one is under way goes with the next.
actor JournalWriter {
  private let store: any JournalStore
  private let run: String
  private let onCommit: (@Sendable (Int64) -> Void)?
  private var fences: [Fence] = []
  private var isWriting = false
  private var waiting: [CheckedContinuation<Void, any Error>] = []
  /// Once something is lost nothing may be written behind it.
  private var failure: (any Error)?

  init(store: any JournalStore, run: String, onCommit: (@Sendable (Int64) -> Void)?) {
    self.store = store
    self.run = run
    self.onCommit = onCommit
  }

  func setFences(_ fences: [Fence]) { self.fences = fences }

  /// Makes durable what `pending` gives, and what is given meanwhile.
  ///
  /// - Parameter pending: takes what is to be written, in order.
  func write(_ pending: @escaping @Sendable () -> [JournalEntry]) async throws {
    if isWriting {
      try await withCheckedThrowingContinuation { waiting.append($0) }
      return
    }
    isWriting = true
    var served: [CheckedContinuation<Void, any Error>] = []
    var own: Result<Void, any Error>?
    repeat {
      let result = await commit(pending())
      if own == nil { own = result }
      for continuation in served { continuation.resume(with: result) }
      served = waiting
      waiting = []
    } while !served.isEmpty
    isWriting = false
    try own?.get()
  }

  private func commit(_ entries: [JournalEntry]) async -> Result<Void, any Error> {
    if let failure { return .failure(failure) }
    guard let last = entries.last else { return .success(()) }
    do {
      try await store.append(entries, to: run, under: fences)
      onCommit?(last.sequence)
      return .success(())
    } catch {
      failure = error
      return .failure(error)
    }
  }
}

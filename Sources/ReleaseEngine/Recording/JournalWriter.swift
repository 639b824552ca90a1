internal import Glibc
internal import RunJournal

/// Writes a run's entries, one commit at a time: what comes while one is under way goes with the next.
actor JournalWriter {
  private let store: JournalOpening
  private let run: RunRecord
  /// Whether the journal does not have the run yet.
  private var isNew: Bool
  private let crashAfter: Int64?
  private var fences: [Fence] = []
  private var isWriting = false
  private var waiting: [CheckedContinuation<Void, any Error>] = []
  /// Once something is lost nothing may be written behind it.
  private var failure: (any Error)?

  init(store: @escaping JournalOpening, run: RunRecord, isNew: Bool, crashAfter: Int64?) {
    self.store = store
    self.run = run
    self.isNew = isNew
    self.crashAfter = crashAfter
  }

  var isKept: Bool { !isNew }

  var hasFailed: Bool { failure != nil }

  func addFence(_ fence: Fence) { fences.append(fence) }

  func removeFence(_ fence: Fence) { fences.removeAll { $0 == fence } }

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
    guard !entries.isEmpty else { return .success(()) }
    do {
      let store = try await store()
      if isNew { try await store.begin(run) }
      isNew = false
      if let crashAfter, let place = entries.firstIndex(where: { $0.sequence >= crashAfter }) {
        try await store.append(Array(entries[...place]), to: run.id, under: fences)
        kill(getpid(), SIGKILL)
      }
      try await store.append(entries, to: run.id, under: fences)
      return .success(())
    } catch {
      failure = error
      return .failure(error)
    }
  }
}

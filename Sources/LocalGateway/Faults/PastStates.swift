/// Copies of the state, for stale reads: made before writes, and only while a rule wants them.
///
/// What other processes write in between is not kept, and what follows a copy within a twentieth of the longest age is
/// not told apart.
actor PastStates {
  private var copies: [(made: ContinuousClock.Instant, state: Store)] = []

  /// Keeps the present for those who will want it.
  ///
  /// - Parameter age: the longest age that is wanted; nil when none is.
  func keep(_ store: Store, upTo age: Duration?) async throws {
    guard let age else {
      copies = []
      return
    }
    let now = ContinuousClock.now
    copies.removeAll { $0.made < now - age }
    if let last = copies.last, now - last.made < age / 20 { return }
    copies.append((now, try await store.copy()))
  }

  /// The state of so long ago; nil when nothing has been written since.
  func state(before age: Duration) -> Store? {
    let moment = ContinuousClock.now - age
    return copies.first { $0.made >= moment }?.state
  }
}

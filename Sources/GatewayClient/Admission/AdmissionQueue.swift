internal import DequeModule
internal import GatewayAPI

/// Who may send next: a state machine over the places in flight, the rate, and who waits how urgently.
struct AdmissionQueue: Sendable {
  typealias Instant = ContinuousClock.Instant

  private let places: Int
  private(set) var rate: RateControl
  private var inFlight = 0
  private var urgent: Deque<UInt64> = []
  private var normal: Deque<UInt64> = []
  private var heldBackSince: Instant?
  /// How long someone who had a place waited for the rate, in all.
  private(set) var heldBack = Duration.zero

  init(places: Int, rate: RateControl) {
    self.places = max(1, places)
    self.rate = rate
  }

  mutating func wait(_ id: UInt64, urgency: RequestUrgency) {
    switch urgency {
    case .undo: urgent.append(id)
    case .normal: normal.append(id)
    }
  }

  /// - Returns: whether it waited.
  mutating func leave(_ id: UInt64) -> Bool {
    if let index = urgent.firstIndex(of: id) {
      urgent.remove(at: index)
    } else if let index = normal.firstIndex(of: id) {
      normal.remove(at: index)
    } else {
      return false
    }
    return true
  }

  mutating func finish() { inFlight -= 1 }

  mutating func throttle(sent: Instant, now: Instant, stated: RequestRate?, pause: Duration?) {
    rate.throttle(sent: sent, now: now, stated: stated, pause: pause)
  }

  mutating func succeed() { rate.succeed() }

  /// Lets in everyone who may go.
  ///
  /// - Returns: them, the most urgent first, and when to ask again; nil when nothing but a finished request changes it.
  mutating func admit(_ now: Instant) -> (ids: [UInt64], next: Instant?) {
    var ids: [UInt64] = []
    var next: Instant?
    while inFlight < places, !(urgent.isEmpty && normal.isEmpty) {
      let earliest = rate.earliest(now: now)
      guard earliest <= now else {
        next = earliest
        break
      }
      guard let id = urgent.popFirst() ?? normal.popFirst() else { break }
      rate.admit(now)
      inFlight += 1
      ids.append(id)
    }
    keepTime(now, isHeldBack: next != nil)
    return (ids, next)
  }

  private mutating func keepTime(_ now: Instant, isHeldBack: Bool) {
    if let since = heldBackSince { heldBack += now - since }
    heldBackSince = isHeldBack ? now : nil
  }
}

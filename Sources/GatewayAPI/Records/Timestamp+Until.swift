extension Timestamp {
  /// Seconds from this moment to a later one.
  public func seconds(until later: Timestamp) -> Double {
    Double(later.seconds - seconds) + Double(later.nanoseconds - nanoseconds) / 1e9
  }
}

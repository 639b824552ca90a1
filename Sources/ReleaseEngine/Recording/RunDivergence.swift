/// A replayed script asks for something else than it did before.
public struct RunDivergence: Error, Sendable, Hashable, CustomStringConvertible {
  /// What the journal has: "publish pay-a to RELEASE".
  public var journal: String
  /// Where the script asked for it then.
  public var journalPlace: String?
  /// What the script asks for now; nil when it came to its end.
  public var script: String?
  /// Where: "release.lua:14".
  public var place: String?

  public init(journal: String, journalPlace: String? = nil, script: String?, place: String? = nil) {
    self.journal = journal
    self.journalPlace = journalPlace
    self.script = script
    self.place = place
  }

  public var description: String {
    let then = "the journal has '\(journal)' here" + (journalPlace.map { " (\($0))" } ?? "")
    guard let script else { return "\(then), the script now comes to its end without it" }
    return "\(then), the script now asks for '\(script)'" + (place.map { " (\($0))" } ?? "")
  }
}

/// How an API's draft stands to what an environment runs.
public enum DraftStanding: Sendable, Hashable {
  /// Publishing it would change nothing that callers notice.
  case same
  /// What runs is another definition.
  ///
  /// - Parameter edited: when the draft was last changed; RFC 3339, UTC.
  case different(edited: String?)
  /// The environment does not run the API.
  case notRunning
}

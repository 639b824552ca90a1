/// A plan ends here: how the script goes on depends on what exists only when it is applied.
public struct CannotKnowUntilApply: Error, Sendable, Hashable {
  /// What is asked for: "the export of RELEASE, which the plan changes".
  public let subject: String
  /// The API that it is about, where it is about one.
  public let apiID: String?
  /// "release.lua:14"
  public let place: String?

  /// - Parameter place: the current call's unless given.
  public init(_ subject: String, apiID: String? = nil, place: String? = nil) {
    self.subject = subject
    self.apiID = apiID
    self.place = place ?? CallOrigin.current.place
  }
}

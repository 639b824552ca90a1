extension API {
  /// How an environment runs this API; nil when it does not.
  public func publishing(in environmentID: String) -> Publishing? {
    publishings.first { $0.environmentID == environmentID }
  }

  /// Whether publishing would change what an environment runs: the API is not published there, or its draft is newer
  /// than its publication.
  ///
  /// When either time cannot be read the answer is true: publishing what has not changed is harmless, leaving out
  /// what has is not.
  public func hasChanged(in environmentID: String) -> Bool {
    guard let publishing = publishing(in: environmentID) else { return true }
    guard let published = publishing.publishTime.flatMap(Timestamp.init(_:)),
      let updated = updateTime.flatMap(Timestamp.init(_:))
    else { return true }
    return updated > published
  }
}

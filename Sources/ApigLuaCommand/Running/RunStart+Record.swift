internal import RunJournal

extension RunRecord {
  /// How it was begun.
  ///
  /// - Throws: ``UsageError`` for a run that a newer version began.
  var recordedStart: RunStart {
    get throws {
      guard let recorded = RunStart(document: start) else {
        throw UsageError(
          message: "the journal's record of \(id) cannot be read",
          hint: "was it begun by another version of apig-lua?")
      }
      return recorded
    }
  }
}

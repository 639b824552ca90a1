public import GatewayAPI

extension JournalEntry {
  /// Refuses a body that is nested too deeply for it to be read again: the run's whole journal would be lost with it.
  ///
  /// - Parameter title: what it belongs to, for people.
  /// - Throws: ``JournalError`` with code `tooDeep`.
  public static func requireReadable(_ body: Document, of title: String) throws(JournalError) {
    guard body.isNested(deeperThan: Document.maximumDepth) else { return }
    throw JournalError(
      code: .tooDeep,
      message: "'\(title)' cannot be kept in the journal: nested more than \(Document.maximumDepth) levels deep",
      hint: "what is nested so deeply came with a request or an answer of it; see it with -vv")
  }

  /// The gateway that something was to be changed on; nil for all that is no such intent, as waits and questions.
  public var changedGateway: String? {
    kind == .intent ? body["arguments"]?["gateway"]?.stringValue : nil
  }
}

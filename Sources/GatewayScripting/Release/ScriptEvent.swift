/// What a script tells of its progress.
public enum ScriptEvent: Sendable, Hashable {
  case stepBegan(name: String)
  case stepEnded(name: String, isGood: Bool)
  /// A wave of so many items begins, "2/4": behind so many items of earlier waves, of so many in all.
  case waveBegan(label: String, count: Int, behind: Int, total: Int)
  case waveEnded(label: String, count: Int)
  case waitBegan(Duration, reason: String?)
  /// A round of a health check is over: so many probes of so many were sent.
  case probed(name: String, count: Int, total: Int)
  /// A health check came to its end; `text` is all that there is to say: "30/30  p95 212ms".
  case healthChecked(name: String, text: String, isGood: Bool)
  /// A part of the script failed, and what it changed is about to be undone.
  case failed(cause: String)
}

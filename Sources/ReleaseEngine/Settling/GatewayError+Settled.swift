internal import GatewayAPI

extension GatewayError {
  /// The same loss, now that the gateway was asked: it did not happen.
  func notApplied(tries: Int) -> GatewayError {
    var error = self
    error.kind = .unavailable
    error.message = "no good answer \(tries) times; the gateway was asked: it was not applied"
    error.hint = "the last: \(message)"
    error.attempts = tries
    return error
  }
}

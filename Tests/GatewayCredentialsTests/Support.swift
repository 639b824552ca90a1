import GatewayAPI
import GatewayTestSupport
import Synchronization

/// A clock that stands until a test moves it.
final class ManualClock: Sendable {
  private let moment: Mutex<Timestamp>

  init(_ text: String = "2026-11-21T12:00:00Z") { moment = Mutex(Timestamp(text) ?? Timestamp(seconds: 0)) }

  var now: Timestamp { moment.withLock { $0 } }

  func advance(seconds: Int64) { moment.withLock { $0 = Timestamp(seconds: $0.seconds + seconds) } }

  func after(seconds: Int64) -> Timestamp { Timestamp(seconds: now.seconds + seconds) }
}

extension ScriptedAnswer {
  /// What IAM answers to the request for a token.
  static func token(_ token: String, until end: Timestamp) -> ScriptedAnswer {
    let body = "{\"token\":{\"expires_at\":\"\(end.text)\",\"methods\":[\"password\"]}}"
    return .bytesThenClose(
      Array(
        """
        HTTP/1.1 201 Created\r
        Content-Type: application/json\r
        X-Subject-Token: \(token)\r
        Content-Length: \(body.utf8.count)\r
        Connection: close\r
        \r
        \(body)
        """.utf8))
  }

  /// What IAM and the metadata service answer to the request for a temporary key.
  static func key(_ access: String, _ secret: String, _ token: String, until end: Timestamp, status: Int = 201)
    -> ScriptedAnswer
  {
    let credential: Document = [
      "access": .string(access), "secret": .string(secret), "securitytoken": .string(token),
      "expires_at": .string(end.text),
    ]
    let body: Document = ["credential": credential]
    return .json(status, body.jsonText)
  }

  static func iamError(_ status: Int, _ message: String) -> ScriptedAnswer {
    .json(status, "{\"error\":{\"code\":\(status),\"message\":\"\(message)\",\"title\":\"Unauthorized\"}}")
  }
}

/// Counts, from many tasks.
final class Counter: Sendable {
  private let count = Mutex(0)

  var value: Int { count.withLock { $0 } }

  @discardableResult
  func next() -> Int {
    count.withLock {
      $0 += 1
      return $0
    }
  }
}

/// Waits until something is so; the suite's time limit ends a test in which it never is.
func until(_ condition: () async throws -> Bool) async throws {
  while try await !condition() { try await Task.sleep(for: .milliseconds(2)) }
}

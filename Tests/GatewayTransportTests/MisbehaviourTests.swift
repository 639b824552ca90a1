import GatewayAPI
import GatewayTestSupport
import GatewayTransport
import Testing

/// Every way in which the other side can misbehave ends in an error of its own, in time.
@Suite(.timeLimit(.minutes(5))) struct MisbehaviourTests {
  private static let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

  @Test func aServerThatNeverAnswers() async throws {
    try await withScriptedServer(answer: { _ in .silence }) { server in
      let whole = try await withTransport({ $0.requestTimeout = .milliseconds(200) }) {
        try await $0.failure(server.url)
      }
      #expect(whole == .timeout(.milliseconds(200)))
      let first = try await withTransport({ $0.silenceTimeout = .milliseconds(200) }) {
        try await $0.failure(server.url)
      }
      #expect(first == .silence(.milliseconds(200), hasBegun: false))
      #expect(first?.text.contains("no answer began within 0.2 seconds") == true)
    }
  }

  @Test func aServerThatStopsInTheMiddle() async throws {
    let failure = try await withPlainServer(answering: "\(Self.head)Content-Length: 100\r\n\r\n{") { port in
      try await withTransport({ $0.silenceTimeout = .seconds(2) }) {
        try await $0.failure("http://127.0.0.1:\(port)")
      }
    }
    #expect(failure == .silence(.seconds(2), hasBegun: true))
  }

  @Test func aServerThatDripsIsHeldToTheWholeTime() async throws {
    let answer = ScriptedAnswer.writing { write in
      try await write(Array("\(Self.head)Content-Length: 100000\r\n\r\n".utf8))
      while true {
        try await write([0x20])
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    try await withScriptedServer(answer: { _ in answer }) { server in
      let failure = try await withTransport({
        $0.silenceTimeout = .seconds(10)
        $0.requestTimeout = .milliseconds(500)
      }) { try await $0.failure(server.url) }
      #expect(failure == .timeout(.milliseconds(500)))
      #expect(failure?.text.contains("--timeout") == true)
    }
  }

  @Test(arguments: [
    String(repeating: "X-Filler: 12345678\r\n", count: 2000), "X-Long: \(String(repeating: "x", count: 200_000))\r\n",
  ])
  func headersWithoutEndAreRefused(_ headers: String) async throws {
    let answer = ScriptedAnswer.writing { write in
      try await write(Array((Self.head + headers).utf8))
      try await Task.sleep(for: .seconds(60))
    }
    try await withScriptedServer(answer: { _ in answer }) { server in
      let failure = try await withTransport { try await $0.failure(server.url) }
      #expect(failure == .headersTooLarge)
    }
  }

  @Test func aBodyThatSaysItIsTooLargeIsNotRead() async throws {
    let answer = ScriptedAnswer.writing { write in
      try await write(Array("\(Self.head)Content-Length: 314572800\r\n\r\n".utf8))
      try await Task.sleep(for: .seconds(60))
    }
    try await withScriptedServer(answer: { _ in answer }) { server in
      let failure = try await withTransport { try await $0.failure(server.url) }
      #expect(failure == .tooLarge(bytes: 64 << 20))
      #expect(failure?.text.contains("larger than 64 MiB") == true)
    }
  }

  @Test func aBodyThatTurnsOutTooLargeIsReadNoFurtherThanTheCap() async throws {
    let answer = ScriptedAnswer.writing { write in
      try await write(Array("\(Self.head)Transfer-Encoding: chunked\r\n\r\n".utf8))
      let chunk = Array("100000\r\n".utf8) + [UInt8](repeating: 0x20, count: 1 << 20) + Array("\r\n".utf8)
      for _ in 0..<300 { try await write(chunk) }
      try await write(Array("0\r\n\r\n".utf8))
    }
    try await withScriptedServer(answer: { _ in answer }) { server in
      let failure = try await withTransport({ $0.maximumBodyBytes = 4 << 20 }) { try await $0.failure(server.url) }
      #expect(failure == .tooLarge(bytes: 4 << 20))
    }
  }

  @Test func aConnectionThatEndsTooEarly() async throws {
    try await withScriptedServer(answer: { _ in .close }) { server in
      let failure = try await withTransport { try await $0.failure(server.url) }
      #expect(failure == .cutOff("the connection was closed"))
      #expect(failure?.mayHaveArrived == true)
    }
  }

  @Test func anAddressWhereNobodyListens() async throws {
    try await withClosedPort { url in
      let failure = try await withTransport { try await $0.failure(url) }
      #expect(failure == .noConnection("connection refused"))
      #expect(failure?.mayHaveArrived == false)
    }
  }

  @Test func aRedirectIsAnAnswerAndTheTokenGoesNowhere() async throws {
    try await withScriptedServer(answer: { _ in .json(200, "{}") }) { other in
      let answer = "HTTP/1.1 307 Temporary Redirect\r\nLocation: \(other.url)/\r\nContent-Length: 0\r\n\r\n"
      try await withScriptedServer(answer: { _ in .bytesThenClose(Array(answer.utf8)) }) { server in
        let response = try await withTransport { try await $0.get(server.url) }
        #expect(response.status == 307)
        #expect(server.requests.count == 1 && server.requests[0].header("X-Auth-Token") == "secret-token")
        #expect(other.requests.isEmpty)
      }
    }
  }

  @Test func cancellingEndsAnExchange() async throws {
    try await withScriptedServer(answer: { _ in .silence }) { server in
      try await withTransport { transport in
        let task = Task { try await transport.get(server.url) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
      }
    }
  }
}

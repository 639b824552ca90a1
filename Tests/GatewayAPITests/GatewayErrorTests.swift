import GatewayAPI
import Testing

@Suite struct GatewayErrorTests {
  @Test(arguments: [
    (401, "APIG.1002", GatewayError.Kind.unauthenticated),
    (403, "APIG.1005", .denied),
    (401, "APIG.1005", .denied),
    (400, "APIG.2011", .invalid),
    (404, "APIG.3002", .notFound),
    (404, "APIG.3030", .notFound),
    (403, "APIG.3416", .conflict),
    (500, "APIG.9008", .throttled),
    (429, "APIG.0308", .throttled),
    (500, "APIG.9999", .unavailable),
    (409, "APIG.777777", .conflict),
  ])
  func theKindComesFromTheCodeAndElseFromTheStatus(_ status: Int, _ code: String, _ kind: GatewayError.Kind) {
    let body = Array("{\"error_code\":\"\(code)\",\"error_msg\":\"text\"}".utf8)
    let error = GatewayError(
      response: GatewayResponse(status: status, headers: ["x-request-id": "q1"], body: body), operation: "publish")
    #expect(error.kind == kind)
    #expect(error.code?.rawValue == code)
    #expect(error.message == "text")
    #expect(error.status == status)
    #expect(error.requestID == "q1")
  }

  /// Every code of the public table, with its status: its kind is one that the status allows.
  @Test func everyDocumentedCodeHasAKindThatItsStatusAllows() throws {
    let kinds: [Int: Set<GatewayError.Kind>] = [
      400: [.invalid, .conflict, .denied, .notFound], 401: [.unauthenticated, .denied], 403: [.denied, .conflict],
      404: [.notFound], 409: [.conflict, .denied], 412: [.conflict], 429: [.throttled],
      500: [.unavailable, .throttled],
    ]
    #expect(DocumentedErrorCode.all.count > 200)
    for documented in DocumentedErrorCode.all {
      let (code, status) = (documented.code.rawValue, documented.status)
      let body: Document = ["error_code": .string(code), "error_msg": "text"]
      let error = GatewayError(response: GatewayResponse(status: status, body: body.json), operation: "x")
      #expect(error.code?.rawValue == code)
      #expect(error.kind == documented.kind)
      #expect(kinds[status, default: []].contains(error.kind), "\(code) \(status): \(error.kind)")
    }
  }

  @Test(arguments: ["", "<html>Bad Gateway</html>", "{\"error_msg\":\"no code\"}", "[]", "\u{0}\u{1}"])
  func aBodyThatIsNoErrorDocumentIsSaidToBeSo(_ body: String) {
    let error = GatewayError(response: GatewayResponse(status: 502, body: Array(body.utf8)), operation: "publish")
    #expect(error.kind == .unavailable)
    #expect(error.code == nil)
    #expect(error.message.hasPrefix("HTTP 502 with a body that is no error document"))
    #expect(!error.message.unicodeScalars.contains { $0.value < 0x20 })
  }

  @Test func anUnreadableSuccessNamesTheByte() {
    let error = #expect(throws: GatewayError.self) {
      try Publication(response: GatewayResponse(status: 201, body: Array("{\"publish_id\":".utf8)))
    }
    #expect(error?.kind == .unavailable)
    #expect(error?.message.contains("unexpected end of input at byte 14") == true)
  }
}

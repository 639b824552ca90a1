internal import GatewayAPI
internal import NIOHTTP1

/// The answers that injected faults give.
enum FaultAnswer {
  /// - Parameter kind: whose form the answer has: the gateway's, the identity service's, or the data plane's.
  static func reply(_ answer: FaultRule.Answer, to kind: FaultSubject.Kind) -> Reply {
    var reply = Reply(status: answer.status, body: body(answer, kind))
    if let seconds = answer.retryAfter { reply.headers.append(("Retry-After", "\(seconds)")) }
    return reply
  }

  /// The gateway's throttling answer, which tells its limit in the text.
  static func throttled(_ limit: FaultRule.Limit, wait: Double) -> Reply {
    let message =
      "The throttling threshold has been reached: policy user over ratelimit,limit:\(limit.count),time:1 \(limit.unit)"
    var reply = Fault(429, .throttled, message).reply
    switch limit.retryAfter {
    case .none: break
    case .computed: reply.headers.append(("Retry-After", "\(Int(wait.rounded(.up)))"))
    case .seconds(let seconds): reply.headers.append(("Retry-After", "\(seconds)"))
    }
    return reply
  }

  /// The error code in an answer's document.
  static func code(of reply: Reply) -> String? {
    guard case .json(let document) = reply.body else { return nil }
    return document["error_code"]?.stringValue
  }

  private static func body(_ answer: FaultRule.Answer, _ kind: FaultSubject.Kind) -> Reply.Body {
    let isCall = if case .call = kind { true } else { false }
    if let text = answer.body { return .file(Array(text.utf8), contentType: "text/plain; charset=utf-8") }
    // What stands in front of a gateway answers these, and it speaks HTML.
    let isFromProxy = [502, 503, 504].contains(answer.status) && answer.code == nil && !isCall
    if answer.isHTML || isFromProxy {
      let title = "\(answer.status) \(HTTPResponseStatus(statusCode: answer.status).reasonPhrase)"
      let page =
        "<html>\r\n<head><title>\(title)</title></head>\r\n<body>\r\n<center><h1>\(title)</h1></center>\r\n</body>\r\n</html>\r\n"
      return .file(Array(page.utf8), contentType: "text/html")
    }
    let (code, message) = documented(answer.status, isCall: isCall)
    if case .token = kind { return IdentityFault(status: answer.status, message: message).reply.body }
    return .json(["error_code": .string(answer.code ?? code), "error_msg": .string(message)])
  }

  private static func documented(_ status: Int, isCall: Bool) -> (code: String, message: String) {
    switch (status, isCall) {
    case (401, false): ("APIG.1002", "Incorrect token or token resolution failed")
    case (403, false): ("APIG.1005", "No permissions to request this method")
    case (429, _): ("APIG.0308", "The throttling threshold has been reached: policy user over ratelimit")
    case (502, true): ("APIG.0202", "Backend unavailable")
    case (504, true): ("APIG.0203", "Backend timeout")
    default: ("APIG.9999", "System error")
    }
  }
}

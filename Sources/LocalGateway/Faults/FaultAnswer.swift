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
    if isCall, answer.code == nil { return .json(ofCall(answer.status).document) }
    if case .token = kind { return IdentityFault(status: answer.status, message: ofToken(answer.status)).reply.body }
    return .json(refusal(answer.status, answer.code.map(GatewayErrorCode.init(rawValue:))).document)
  }

  /// What the gateway says with a code; without one, what it says most with a status.
  private static func refusal(_ status: Int, _ code: GatewayErrorCode?) -> Fault {
    let known =
      refusals.first { $0.code == code } ?? refusals.first { $0.status == status }
      ?? (status < 500 ? Fault(status, .unreadableBody, "Parameter error") : systemError)
    return Fault(status, code ?? known.code, known.message)
  }

  /// What the identity service says.
  private static func ofToken(_ status: Int) -> String {
    switch status {
    case 401, 403, 429, 500...: refusal(status, nil).message
    default: HTTPResponseStatus(statusCode: status).reasonPhrase
    }
  }

  /// What the data plane says.
  private static func ofCall(_ status: Int) -> Fault {
    switch status {
    case 429: refusal(status, .throttled)
    case 502: Fault(status, GatewayErrorCode(rawValue: "APIG.0202"), "Backend unavailable")
    case 504: Fault(status, GatewayErrorCode(rawValue: "APIG.0203"), "Backend timeout")
    default: Fault(status, systemError.code, systemError.message)
    }
  }

  private static let systemError = Fault(500, .systemError, "System error")

  /// As documented; of those with one status, the one that is meant where no code is given comes first.
  private static let refusals = [
    Fault(400, .wrongValue, "Invalid parameter value"),
    Fault(400, .invalidValue, "Invalid parameter value"),
    Fault(400, .unreadableBody, "Parameter error"),
    Fault(400, .parameterMissing, "The request parameters must be specified"),
    Fault(400, .parameterTooLong, "The parameter is too long"),
    Fault(400, .groupNameTaken, "The API group name already exists"),
    Fault(400, .apiNameTaken, "The API name already exists"),
    Fault(400, .environmentNameTaken, "The environment name already exists"),
    Fault(400, .apiExists, "The API already exists"),
    Fault.wrongToken, Fault.noToken, Fault.expired,
    Fault(403, .noPermission, "No permissions to request this method"),
    Fault(403, .groupHoldsAPIs, "The API group cannot be deleted because it contains APIs"),
    Fault(403, .apiIsPublished, "The API cannot be deleted because it has been published"),
    Fault(403, .environmentHoldsPublishedAPIs, "The environment contains published APIs"),
    Fault(404, .apiNotFound, "The API does not exist"),
    Fault(404, .groupNotFound, "The API group does not exist"),
    Fault(404, .environmentNotFound, "The environment does not exist"),
    Fault(404, .publicationNotFound, "The API publication record does not exist"),
    Fault(404, .versionNotFound, "The API version does not exist"),
    Fault(404, .instanceNotFound, "The instance does not exist"),
    Fault(409, GatewayErrorCode(rawValue: "APIG.3718"), "An instance task is currently being processed"),
    Fault(412, GatewayErrorCode(rawValue: "APIG.3458"), "The feature is not supported by the current instance"),
    Fault(429, .throttled, "The throttling threshold has been reached: policy user over ratelimit"),
    systemError,
    Fault(500, .tooManyRequests, "Too many requests. Try again later"),
  ]
}

extension GatewayError {
  /// The error as a value, which ``init(document:)`` reads again.
  public var document: Document {
    var members: [String: Document] = ["kind": .string(kind.rawValue), "message": .string(message)]
    let texts = [
      "code": code?.rawValue, "hint": hint, "operation": operation, "api": api, "env": environment,
      "gateway": gateway, "request_id": requestID,
    ]
    for case (let name, let text?) in texts { members[name] = .string(text) }
    for case (let name, let number?) in ["status": status, "attempts": attempts] {
      members[name] = .integer(Int64(number))
    }
    if let result { members["result"] = result.document }
    if let measured { members["measured"] = measured }
    return .object(members)
  }

  /// Reads what ``document`` writes; nil for anything else.
  public init?(document: Document) {
    guard let kind = document["kind"]?.stringValue.flatMap(Kind.init(rawValue:)),
      let message = document["message"]?.stringValue
    else { return nil }
    func text(_ name: String) -> String? { document[name]?.stringValue }
    self.init(
      kind: kind, code: text("code").map(GatewayErrorCode.init(rawValue:)), message: message, hint: text("hint"),
      operation: text("operation"), api: text("api"), environment: text("env"), gateway: text("gateway"),
      status: document["status"]?.integerValue, requestID: text("request_id"),
      attempts: document["attempts"]?.integerValue, result: document["result"].map(BatchResult.init(document:)),
      measured: document["measured"])
  }
}

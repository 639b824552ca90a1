internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// `apig.http`: requests to other servers.
struct WebLibrary: Sendable {
  static let answerClass = "http answer"
  /// Of what a plan does not send.
  static let plannedAnswerClass = "planned http answer"
  /// All that a plan says of the answer to a request that changes something: it went well.
  static let assumedAnswer: Document = ["status": 200]

  let context: ScriptContext

  var functions: [LuaHostFunction] {
    [
      .recorded("http_send") { call in
        guard let word = call[0].stringValue, let method = HTTPMethod(rawValue: word.uppercased()) else { return [] }
        return [try await send(method, call[1])]
      }
    ]
  }

  private func send(_ method: HTTPMethod, _ table: LuaValue) async throws -> LuaValue {
    try context.beforeGatewayCall()
    let declared = ScriptFunction.http(method)
    let function = declared.name
    // What is written down and compared is the request with its secrets closed.
    let shown = try CallOptions(table.replacingSecrets(SecretText.mark), of: declared)
    let target = try WebTarget(shown, table, in: context)
    let request = try self.request(method, target, shown)
    let live: () async throws -> Document = {
      let opened = try CallOptions(await context.opened(table), of: declared)
      var request = try self.request(method, target, opened)
      request.url = try await target.permitted(isWrite: request.isWrite)
      do {
        return Self.document(context.openedSecrets.closed(try await context.surroundings.send(request)))
      } catch let failure as GatewayError {
        var error = context.openedSecrets.closed(failure)
        error.operation = function
        throw error
      }
    }
    let call = RecordedCall(
      function, Self.arguments(of: request, to: target), title: "\(method.rawValue) \(target.shown)")
    let recorder = context.recorder
    guard request.isWrite else { return Self.value(try await recorder.answer(call, live: live), to: call) }
    // It is not sent then: only here a plan can tell that the run would be refused.
    if context.mode == .plan { _ = try await target.permitted(isWrite: true) }
    try context.beforeRequest(call)
    return Self.value(
      try await recorder.carryOut(call) { begin in
        guard !begin.isResumed else {
          throw GatewayError(
            kind: .unknownOutcome,
            message: "\(call.title) was under way when the run stopped: it may or may not have happened",
            hint: "it is not sent again; look there, and let the script catch unknown_outcome or roll the run back",
            operation: function)
        }
        return try await live()
      }, to: call)
  }

  private func request(
    _ method: HTTPMethod, _ target: WebTarget, _ options: CallOptions
  ) throws(GatewayError) -> WebRequest {
    var request = WebRequest(method, url: target.url, headers: try options.headers())
    request.timeout = try options.duration("timeout") ?? .seconds(30)
    request.body = try body(options, &request.headers)
    return request
  }

  private func body(_ options: CallOptions, _ headers: inout [WebRequest.Header]) throws(GatewayError) -> [UInt8] {
    guard options.has("json") else {
      if case .string(let text) = options["body"] { return text.bytes }
      if options.has("body") { throw options.mismatch("body", expected: "string", got: options["body"]) }
      return []
    }
    guard !options.has("body") else {
      throw CallOptions.usage("'\(options.function)' takes 'json' or 'body', not both", nil)
    }
    do {
      let document = try Document(options["json"], path: "json")
      if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
        headers.append(WebRequest.Header("Content-Type", "application/json"))
      }
      return document.json
    } catch {
      throw CallOptions.usage("'\(options.function)' cannot send \(error.path): \(error.reason)", nil)
    }
  }

  // MARK: - The journal's form

  /// Of headers the names alone: their values are where secrets travel.
  private static func arguments(of request: WebRequest, to target: WebTarget) -> Document {
    var members = target.document
    members["headers"] = .array(request.headers.map { .string($0.name.lowercased()) })
    members["body"] = Document(recording: request.body)
    return .object(members)
  }

  private static func document(_ answer: WebAnswer) -> Document {
    [
      "status": .integer(Int64(answer.status)), "headers": .object(answer.headers.mapValues(Document.string)),
      "body": Document(recording: answer.body),
    ]
  }

  private static func value(_ document: Document, to call: RecordedCall) -> LuaValue {
    let isPlanned = document["body"] == nil
    var table = LuaTable(className: isPlanned ? plannedAnswerClass : answerClass)
    table["status"] = document["status"].map { LuaValue($0) } ?? .nil
    if isPlanned {
      table["request"] = .text(call.title)
      return .table(table)
    }
    table["headers"] = document["headers"].map { LuaValue($0) } ?? .nil
    table["body"] = document["body"]?.recordedText ?? .text("")
    return .table(table)
  }
}

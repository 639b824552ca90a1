internal import GatewayAPI
internal import GatewaySigning
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// A request as it came, whole.
struct IncomingRequest: Sendable {
  let signable: SignableRequest
  /// The parts of the path that a route names.
  let path: [String: String]

  /// - Throws: ``Fault`` with 413 for a body over the limit, with 400 for one that was cut off.
  init(_ request: Request, _ context: GatewayRequestContext, maximumBodyBytes: Int) async throws {
    var headers = request.headers.map { (name: $0.name.rawName, value: $0.value) }
    if let authority = request.head.authority { headers.append(("Host", authority)) }
    let body: [UInt8]
    do {
      body = Array(buffer: try await request.body.collect(upTo: maximumBodyBytes))
    } catch is NIOTooManyBytesError {
      throw Fault(413, .unreadableBody, "The request body is larger than 8 MiB")
    } catch {
      throw Fault.unreadable("the request body ends early")
    }
    signable = SignableRequest(
      method: request.method.rawValue, path: request.uri.path, query: Self.query(request.uri.query), headers: headers,
      body: body)
    path = Dictionary(
      context.parameters.map { (String($0.key), String($0.value)) }, uniquingKeysWith: { first, _ in first })
  }

  /// The body as JSON.
  ///
  /// - Throws: ``Fault`` when it is needed and missing, or is no JSON object, or claims to be something else.
  func json(isNeeded: Bool) throws -> Document? {
    guard isNeeded else { return nil }
    let contentType = signable.header("content-type")?.lowercased() ?? "application/json"
    guard contentType.hasPrefix("application/json") else {
      throw Fault.unreadable("content type application/json expected, not \(contentType.prefix(64))")
    }
    guard !signable.body.isEmpty else { throw Fault.unreadable("unexpected end of JSON input") }
    do {
      let document = try Document(json: signable.body)
      guard case .object = document else {
        throw Fault.unreadable("json: cannot unmarshal \(document.typeName) into an object")
      }
      return document
    } catch let error as JSONSyntaxError {
      throw Fault.unreadable(
        error.reason == "unexpected end of input" ? "unexpected end of JSON input" : "\(error)")
    }
  }

  /// The body as a form.
  ///
  /// - Throws: ``Fault`` when it is needed and is none.
  func form(isNeeded: Bool) throws -> MultipartForm? {
    guard isNeeded else { return nil }
    return try MultipartForm(signable.body, contentType: signable.header("content-type") ?? "")
  }

  private static func query(_ text: String?) -> [(name: String, value: String)] {
    (text ?? "").split(separator: "&").map { part in
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = pair.count > 1 ? String(pair[1]) : ""
      return (String(pair[0]).formDecoded, value.formDecoded)
    }
  }
}

extension String {
  fileprivate var formDecoded: String { replacing("+", with: " ").percentDecoded }
}

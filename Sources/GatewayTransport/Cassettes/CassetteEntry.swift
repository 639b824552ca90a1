internal import Foundation
internal import GatewayAPI
internal import GatewaySigning

/// One request and what became of it, as a cassette keeps them: without secrets.
struct CassetteEntry: Sendable {
  /// A request's identity: two that are equal get the same answer.
  struct Key: Sendable, Hashable {
    let gateway: String
    let method: String
    let path: String
    /// Sorted, percent-encoded.
    let query: String
    /// JSON in its one form, and a form's parts whatever separates them.
    let body: String

    init(_ request: SignableRequest, gateway: String) {
      self.init(
        gateway: gateway, method: request.method, path: request.path,
        query: request.query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" },
        body: CassetteBody(request.body), contentType: request.header("content-type"))
    }

    init(
      gateway: String, method: String, path: String, query: [String], body: CassetteBody, contentType: String?
    ) {
      self.gateway = gateway
      self.method = method
      self.path = path
      self.query = SecretMask.url("?" + query.sorted().joined(separator: "&"))
      self.body = body.normalised(contentType: contentType)
    }

    /// For people: `GET /v2/…?limit=500`.
    var line: String { "\(method) \(path)\(query == "?" ? "" : query)" }
  }

  enum Outcome: Sendable {
    case answer(GatewayResponse)
    case failure(TransportFailure)
  }

  let key: Key
  let outcome: Outcome

  // MARK: - Written

  /// The headers that are kept; all others may name a person or open a door.
  private static let keptHeaders: Set = [
    "content-type", "content-disposition", "location", "retry-after", "x-request-id", "x-stage",
  ]

  static func document(
    _ request: SignableRequest, _ outcome: Outcome, gateway: String
  ) -> Document {
    var members: [String: Document] = [
      "gateway": .string(gateway), "method": .string(request.method), "path": .string(request.path),
      "query": .array(
        request.query.map { pair in
          .string(SecretMask.url("?\(pair.name.percentEncoded)=\(pair.value.percentEncoded)").dropping(1))
        }),
      "headers": headers(request.headers),
    ]
    CassetteBody(request.body).add(to: &members)
    var result: [String: Document] = [:]
    switch outcome {
    case .answer(let response):
      result["status"] = .integer(Int64(response.status))
      result["headers"] = headers(response.headers.map { ($0.key, $0.value) })
      CassetteBody(response.body).add(to: &result)
      return ["request": .object(members), "answer": .object(result)]
    case .failure(let failure): return ["request": .object(members), "failure": failure.document]
    }
  }

  private static func headers(_ headers: [(name: String, value: String)]) -> Document {
    let kept = headers.map { ($0.name.lowercased(), $0.value) }.filter { keptHeaders.contains($0.0) }
    return .object(Dictionary(kept.map { ($0, .string(SecretMask.url($1))) }, uniquingKeysWith: { first, _ in first }))
  }

  // MARK: - Read

  /// - Returns: nil for what is no entry.
  init?(_ document: Document) {
    guard let request = document["request"], let method = request["method"]?.stringValue,
      let path = request["path"]?.stringValue, let body = CassetteBody(request)
    else { return nil }
    key = Key(
      gateway: request["gateway"]?.stringValue ?? "", method: method, path: path,
      query: request["query"]?.arrayValue?.compactMap(\.stringValue) ?? [], body: body,
      contentType: request["headers"]?["content-type"]?.stringValue)
    if let answer = document["answer"] {
      guard let status = answer["status"]?.integerValue, let body = CassetteBody(answer) else { return nil }
      let headers = (answer["headers"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
      outcome = .answer(GatewayResponse(status: status, headers: headers, body: body.bytes))
    } else {
      guard let failure = document["failure"].flatMap(TransportFailure.init(document:)) else { return nil }
      outcome = .failure(failure)
    }
  }
}

/// A body in a cassette: text without its secrets, or other bytes.
struct CassetteBody: Sendable {
  let bytes: [UInt8]
  private let isText: Bool

  /// Takes the secrets out.
  init(_ bytes: [UInt8]) {
    if let text = String(validating: bytes, as: UTF8.self) {
      self.bytes = Array(SecretMask.text(text).utf8)
      isText = true
    } else {
      self.bytes = bytes
      isText = false
    }
  }

  /// Reads what ``add(to:)`` wrote; nil when it is damaged.
  init?(_ members: Document) {
    if let encoded = members["body_base64"]?.stringValue {
      guard let data = Data(base64Encoded: encoded) else { return nil }
      bytes = Array(data)
      isText = false
    } else {
      bytes = Array((members["body"]?.stringValue ?? "").utf8)
      isText = true
    }
  }

  func add(to members: inout [String: Document]) {
    guard !bytes.isEmpty else { return }
    if isText {
      members["body"] = .string(String(decoding: bytes, as: UTF8.self))
    } else {
      members["body_base64"] = .string(Data(bytes).base64EncodedString())
    }
  }

  /// The form in which equal bodies are equal.
  func normalised(contentType: String?) -> String {
    guard isText else { return Data(bytes).base64EncodedString() }
    if let document = try? Document(json: bytes) { return document.jsonText }
    let text = String(decoding: bytes, as: UTF8.self)
    // The boundary of a form is made anew each time.
    guard let boundary = contentType?.firstMatch(of: /boundary="?([^";]+)/)?.output.1 else { return text }
    return text.replacing(boundary, with: "boundary")
  }
}

extension TransportFailure {
  /// The kind's name, as cassettes and metrics have it.
  var name: String {
    switch self {
    case .noConnection: "no_connection"
    case .proxy: "proxy"
    case .tls: "tls"
    case .certificate: "certificate"
    case .connectTimeout: "connect_timeout"
    case .timeout: "timeout"
    case .silence: "silence"
    case .cutOff: "cut_off"
    case .tooLarge: "too_large"
    case .headersTooLarge: "headers_too_large"
    case .noHTTP: "no_http"
    }
  }

  fileprivate var document: Document {
    var members: [String: Document] = ["kind": .string(name)]
    switch self {
    case .noConnection(let reason), .proxy(let reason), .tls(let reason), .certificate(let reason),
      .cutOff(let reason), .noHTTP(let reason):
      members["reason"] = .string(reason)
    case .timeout(let duration): members["milliseconds"] = .integer(duration.milliseconds)
    case .silence(let duration, let hasBegun):
      members["milliseconds"] = .integer(duration.milliseconds)
      members["has_begun"] = .boolean(hasBegun)
    case .tooLarge(let bytes): members["bytes"] = .integer(Int64(bytes))
    case .connectTimeout, .headersTooLarge: break
    }
    return .object(members)
  }

  fileprivate init?(document: Document) {
    let reason = document["reason"]?.stringValue ?? ""
    let duration = Duration.milliseconds(document["milliseconds"]?.integerValue ?? 0)
    switch document["kind"]?.stringValue {
    case "no_connection": self = .noConnection(reason)
    case "proxy": self = .proxy(reason)
    case "tls": self = .tls(reason)
    case "certificate": self = .certificate(reason)
    case "connect_timeout": self = .connectTimeout
    case "timeout": self = .timeout(duration)
    case "silence": self = .silence(duration, hasBegun: document["has_begun"]?.booleanValue ?? false)
    case "cut_off": self = .cutOff(reason)
    case "too_large": self = .tooLarge(bytes: document["bytes"]?.integerValue ?? 0)
    case "headers_too_large": self = .headersTooLarge
    case "no_http": self = .noHTTP(reason)
    default: return nil
    }
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}

extension String {
  fileprivate func dropping(_ count: Int) -> String { String(dropFirst(count)) }
}

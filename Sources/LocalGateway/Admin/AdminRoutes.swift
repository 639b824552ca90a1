internal import GatewayAPI
internal import GatewaySigning
internal import Hummingbird

/// The routes under `/_local/`: the request log, the whole state, the clock, the faults.
struct AdminRoutes: Sendable {
  static let prefix = "/_local/"

  let configuration: LocalGatewayConfiguration
  let store: Store
  let clock: GatewayClock
  let log: RequestLog
  let faults: FaultBook
  let authentication: CallAuthentication

  typealias Answer = @Sendable (IncomingRequest) async throws -> Reply

  /// Path, method and what answers.
  var all: [(path: String, method: GatewayAPI.HTTPMethod, answer: Answer)] {
    [
      ("/_local/requests", .get, { try requests($0) }),
      ("/_local/state", .get, { _ in .json(try await StateDocument.read(store)) }),
      ("/_local/clock", .get, { _ in .json(clockDocument) }),
      ("/_local/clock", .put, { try setClock($0) }),
      (
        "/_local/clock", .delete,
        { _ in
          clock.setting = .real
          return .json(clockDocument)
        }
      ),
      ("/_local/faults", .get, { _ in .json(try await faultsDocument()) }),
      ("/_local/faults", .post, { try await addFaults($0) }),
      (
        "/_local/faults", .delete,
        { _ in
          try await faults.clear()
          return .noContent
        }
      ),
    ]
  }

  /// Lets in programs of this machine, and elsewhere those with a credential.
  ///
  /// A page in a browser runs on this machine, too: it names itself in `Origin`, or another host than this one.
  ///
  /// - Throws: ``AdminFault``, ``Fault``.
  func check(_ request: IncomingRequest) throws {
    guard configuration.isLoopback else {
      _ = try authentication.check(request.signable)
      return
    }
    try LoopbackGuard.check(request.signable)
  }

  // MARK: - Requests

  private func requests(_ request: IncomingRequest) throws -> Reply {
    let query = request.signable.query
    func value(_ name: String) -> String? {
      query.last { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }
    var limit = 100
    if let text = value("limit") {
      guard let number = Int(text), (1...RequestLog.capacity).contains(number) else {
        throw AdminFault(status: 400, message: "limit must be from 1 to \(RequestLog.capacity), not '\(text)'")
      }
      limit = number
    }
    var start = RequestLog.Start.newest
    if let text = value("since") {
      if let number = Int(text) {
        start = .number(number)
      } else if let moment = Timestamp(text) {
        start = .moment(moment)
      } else {
        throw AdminFault(
          status: 400, message: "since must be the number of a request or a time in RFC 3339, not '\(text)'")
      }
    }
    let (entries, total) = log.entries(from: start, operation: value("operation"), limit: limit)
    return .json([
      "requests": .array(entries.map { $1.document(number: $0) }), "total": .integer(Int64(total)),
    ])
  }

  // MARK: - Clock

  private var clockDocument: Document {
    var members: [String: Document] = [
      "now": .string(clock.now().text), "real": .string(clock.base().text), "is_real": .boolean(clock.setting == .real),
    ]
    if case .offset(let microseconds) = clock.setting { members["offset"] = .number(Double(microseconds) / 1e6) }
    return .object(members)
  }

  private func setClock(_ request: IncomingRequest) throws -> Reply {
    let body = try request.json(isNeeded: true)
    switch (body?["time"], body?["offset"]) {
    case (.string(let text)?, nil):
      guard let time = Timestamp(text) else {
        throw AdminFault(status: 400, message: "time must be in RFC 3339, not '\(text)'")
      }
      clock.setting = .standing(time)
    case (nil, .integer(let seconds)?) where (-Self.longestOffset...Self.longestOffset).contains(seconds):
      clock.setting = .offset(seconds * 1_000_000)
    case (nil, .number(let seconds)?) where abs(seconds) <= Double(Self.longestOffset):
      clock.setting = .offset(Int64(seconds * 1e6))
    default:
      throw AdminFault(
        status: 400,
        message:
          "the body must hold either time (RFC 3339; the clock stands there) or offset (seconds, at most a century; it runs on)"
      )
    }
    return .json(clockDocument)
  }

  /// A century, in seconds.
  private static let longestOffset: Int64 = 100 * 366 * 86_400

  // MARK: - Faults

  private func faultsDocument() async throws -> Document {
    ["faults": .array(try await faults.rows().map(\.document))]
  }

  private func addFaults(_ request: IncomingRequest) async throws -> Reply {
    let body = try request.json(isNeeded: true)
    let texts = body?["rules"]?.arrayValue?.map(\.stringValue) ?? [body?["rule"]?.stringValue]
    guard !texts.isEmpty else { throw AdminFault(status: 400, message: "rules is empty") }
    var rules: [FaultRule] = []
    for text in texts {
      guard let text else {
        throw AdminFault(status: 400, message: "the body must hold rule, a text, or rules, a list of them")
      }
      do {
        rules.append(try FaultRule(text))
      } catch {
        throw AdminFault(
          status: 400, message: error.message + (error.hint.map { ": \($0)" } ?? ""), excerpt: error.excerpt)
      }
    }
    try await faults.add(rules, areOurs: false)
    return .json(try await faultsDocument(), status: 201)
  }
}

/// Keeps browsers away from what needs no credential.
enum LoopbackGuard {
  /// - Throws: ``AdminFault`` with status 403.
  static func check(_ request: SignableRequest) throws {
    let host = request.header("host") ?? ""
    let name = host.hasPrefix("[") ? host.prefix { $0 != "]" }.dropFirst() : host.prefix { $0 != ":" }
    guard LoopbackAddress.names(name), request.header("origin") == nil else {
      throw AdminFault(status: 403, message: "only programs of this machine may ask, by its loopback address")
    }
  }
}

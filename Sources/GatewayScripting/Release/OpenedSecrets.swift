internal import Foundation
internal import GatewayAPI
internal import Synchronization

/// The secrets of a run: what its script was given for its secret parameters, and the values that it has sent to
/// servers. What a server sends back may hold them, and the script, the journal and the log are to hold none.
final class OpenedSecrets: Sendable {
  /// Shorter values are found everywhere, and are no secrets.
  private static let minimumLength = 4

  private struct State {
    /// Names by what a server may make of a value.
    var names: [String: String] = [:]
    /// Names that scripts have asked for.
    var found: Set<String> = []
    var parameters: [String: (value: String, owner: Principal)] = [:]
  }

  private let state = Mutex(State())

  /// Keeps the value of a secret parameter, whose owner needs no permission for it.
  ///
  /// - Throws: `GatewayError` of kind `usage` when another secret has the name.
  func declare(parameter name: String, _ value: String, of owner: Principal) throws(GatewayError) {
    let isTaken = state.withLock { state in
      state.parameters[name] = (value, owner)
      return state.found.contains(name)
    }
    if isTaken { throw Self.conflict(name) }
    add(value, named: name)
  }

  /// Notes that a script has asked for a secret.
  ///
  /// - Throws: `GatewayError` of kind `usage` when a parameter has the name.
  func find(_ name: String) throws(GatewayError) {
    let isTaken = state.withLock { state in
      state.found.insert(name)
      return state.parameters[name] != nil
    }
    if isTaken { throw Self.conflict(name) }
  }

  /// What a secret parameter was given.
  ///
  /// - Returns: nil where there is none of the name, and for whom it was not given.
  func parameter(_ name: String, for principal: Principal) -> String? {
    guard let parameter = state.withLock({ $0.parameters[name] }), parameter.owner == principal else { return nil }
    return parameter.value
  }

  func add(_ value: String, named name: String) {
    guard value.utf8.count >= Self.minimumLength else { return }
    state.withLock { state in
      for form in Self.forms(of: value) { state.names[form] = name }
    }
  }

  /// The same answer with the secrets' marks in place of their values.
  func closed(_ answer: WebAnswer) -> WebAnswer {
    var answer = answer
    for (value, mark) in marks {
      answer.headers = answer.headers.mapValues { $0.replacing(value, with: mark) }
    }
    answer.body = closed(answer.body)
    return answer
  }

  func closed(_ bytes: [UInt8]) -> [UInt8] {
    marks.reduce(bytes) { bytes, secret in
      bytes.replacing(Array(secret.value.utf8), with: Array(secret.mark.utf8))
    }
  }

  func closed(_ error: GatewayError) -> GatewayError {
    var error = error
    for (value, mark) in marks {
      error.message = error.message.replacing(value, with: mark)
      error.hint = error.hint?.replacing(value, with: mark)
    }
    return error
  }

  /// Longer values first: one secret may be part of another.
  private var marks: [(value: String, mark: String)] {
    state.withLock(\.names).map { ($0.key, SecretText.mark($0.value)) }
      .sorted { ($0.value.utf8.count, $0.value) > ($1.value.utf8.count, $1.value) }
  }

  /// The value as it is, and as servers write it down: in JSON, in a URL, in a form, in base64.
  private static func forms(of value: String) -> Set<String> {
    let json = String(Document.string(value).jsonText.dropFirst().dropLast())
    let url = value.percentEncoded
    let base64 = Data(value.utf8).base64EncodedString()
    let urlSafe = base64.replacing("+", with: "-").replacing("/", with: "_")
    let forms = [
      value, json, json.replacing("/", with: "\\/"), url, url.replacing("%20", with: "+"), base64, urlSafe,
      String(urlSafe.prefix { $0 != "=" }),
    ]
    return Set(forms)
  }

  private static func conflict(_ name: String) -> GatewayError {
    CallOptions.usage("'\(name)' is a secret parameter and another secret", "give one of them another name")
  }
}

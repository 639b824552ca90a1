public import GatewayAPI
internal import GatewaySigning
internal import Foundation
internal import Synchronization

/// Answers requests from a cassette; no socket is opened.
///
/// A request gets the answers that were recorded for its like (gateway, method, path, query and body), each once and in
/// the order they were recorded. The order between unlike requests is free, so that concurrent ones may come as they
/// like.
public final class CassettePlayer: Sendable {
  /// The format that this program writes and reads.
  static let version = 1

  /// The run that was recorded.
  public let run: String?

  private let path: String
  private let remaining: Mutex<[CassetteEntry.Key: ArraySlice<CassetteEntry.Outcome>]>
  private let recorded: Set<CassetteEntry.Key>

  /// - Throws: `GatewayError` of kind `usage` for what is no cassette, with the line.
  public init(path: String) throws(GatewayError) {
    self.path = path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw GatewayError(
        kind: .usage, message: "the cassette \(path) cannot be read", hint: "apig-lua --record \(path) … makes one")
    }
    var lines = Array(data).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    // A run that was killed may leave the beginning of a line.
    lines.removeLast()
    guard let header = lines.first.flatMap({ try? Document(json: $0) }), let version = header["cassette"]?.integerValue
    else {
      throw GatewayError(kind: .usage, message: "\(path) is no cassette", hint: "apig-lua --record FILE … makes one")
    }
    guard version == Self.version else {
      throw GatewayError(
        kind: .usage, message: "the cassette \(path) is of version \(version), this program reads \(Self.version)",
        hint: "record it again")
    }
    run = header["run"]?.stringValue
    var outcomes: [CassetteEntry.Key: ArraySlice<CassetteEntry.Outcome>] = [:]
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      guard let document = try? Document(json: line), let entry = CassetteEntry(document) else {
        throw GatewayError(
          kind: .usage, message: "\(path):\(index + 1) is no entry of a cassette", hint: "record it again")
      }
      outcomes[entry.key, default: []].append(entry.outcome)
    }
    recorded = Set(outcomes.keys)
    remaining = Mutex(outcomes)
  }

  /// What was recorded and not asked for: `GET /v2/… (2×)`.
  public var unused: [String] {
    remaining.withLock { remaining in
      remaining.filter { !$0.value.isEmpty }.map {
        "\($0.key.line)\($0.value.count > 1 ? " (\($0.value.count)×)" : "")"
      }
    }.sorted()
  }

  /// - Throws: ``TransportFailure`` as recorded; `GatewayError` of kind `usage` for a request without a record.
  func answer(_ request: SignableRequest, gateway: String) throws -> GatewayResponse {
    let key = CassetteEntry.Key(request, gateway: gateway)
    switch remaining.withLock({ $0[key]?.popFirst() }) {
    case .answer(let response)?: return response
    case .failure(let failure)?: throw failure
    case nil: throw unmatched(key)
    }
  }

  private func unmatched(_ key: CassetteEntry.Key) -> GatewayError {
    let message: String
    if recorded.contains(key) {
      message = "every recorded answer to \(key.line) is used up"
    } else {
      message = "\(path) has no answer to \(key.line)\(nearest(key).map { "; the nearest it has is \($0)" } ?? "")"
    }
    return GatewayError(
      kind: .usage, message: message,
      hint: "the script or its parameters differ from the recorded run: record it again, or replay the script it was")
  }

  private func nearest(_ key: CassetteEntry.Key) -> String? {
    let candidates = recorded.filter { $0.gateway == key.gateway }.sorted { $0.line < $1.line }
    if candidates.contains(where: { $0.line == key.line }) { return "the same with another body" }
    if let twin = candidates.first(where: { $0.method == key.method && $0.path == key.path }) { return twin.line }
    // The paths of a gateway begin alike.
    return candidates.max { left, right in
      (left.method == key.method ? 1 : 0, left.path.commonPrefix(with: key.path).count)
        < (right.method == key.method ? 1 : 0, right.path.commonPrefix(with: key.path).count)
    }?.line
  }
}

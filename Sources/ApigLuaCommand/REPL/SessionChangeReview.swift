internal import GatewayAPI
internal import GatewayScripting
internal import ReleaseEngine
internal import Synchronization

/// What a session says to a change of a protected environment: no, as long as it only reads; then each is shown, with
/// what runs now and what would, and asked for.
final class SessionChangeReview: Sendable {
  private static let mostNames = 5

  private let place: SessionPlace
  private let connections = Mutex<GatewayConnections?>(nil)

  init(place: SessionPlace) { self.place = place }

  /// The gateways are opened by what asks here.
  func use(_ connections: GatewayConnections) { self.connections.withLock { $0 = connections } }

  /// - Throws: ``GatewayError`` of kind `refused` while the session only reads; `CancellationError`.
  func question(
    about change: PendingChange, in environment: EnvironmentProfile, on gateway: String, _ names: NameDirectory
  ) async throws -> Question {
    guard place.isWriting else {
      throw Self.refusal(environment, on: gateway)
    }
    return Question("~ \(try await description(of: change, in: environment, on: gateway, names))")
  }

  /// What is said as long as the session only reads.
  static func refusal(_ environment: EnvironmentProfile, on gateway: String) -> GatewayError {
    GatewayError(
      kind: .refused, message: "\(environment.name) of \(gateway) is protected: this session only reads",
      hint: ".write allows changes; each is shown and asked for")
  }

  /// The name of an API, which is read where nobody has found it by its name.
  private func label(_ id: String, on gateway: String, _ names: NameDirectory) async -> String {
    if let name = await names.name(of: .api, id: id) { return name }
    let run = try? await connections.withLock(\.self)?.run(gateway)
    return (try? await run?.perform(GetAPI(apiID: id)).name) ?? id
  }

  /// A group and how many APIs it has, which a change of the whole group does not name.
  private func groupLabel(_ id: String, on gateway: String, _ names: NameDirectory) async throws -> String {
    let name = await names.name(of: .group, id: id) ?? id
    var list = ListAPIs()
    list.groupID = id
    guard let apis = try await connections.withLock(\.self)?.run(gateway).all(list).items else {
      return "group \(name)"
    }
    return "group \(name): \(apis.count) API\(apis.count == 1 ? "" : "s")"
  }

  private func description(
    of change: PendingChange, in environment: EnvironmentProfile, on gateway: String, _ names: NameDirectory
  ) async throws -> String {
    var labels: [String] = []
    for id in change.apiIDs.prefix(Self.mostNames) { labels.append(await label(id, on: gateway, names)) }
    if change.apiCount > Self.mostNames { labels.append("and \(change.apiCount - Self.mostNames) more") }
    if let group = change.groupID { labels.append(try await groupLabel(group, on: gateway, names)) }
    let what = labels.isEmpty ? "" : " \(labels.joined(separator: ", "))"
    guard change.apiCount == 1, let api = change.apiIDs.first else {
      return "\(change.operation)\(what) in \(environment.name) of \(gateway)"
    }
    let run = try await connections.withLock(\.self)?.run(gateway)
    let history = try await run?.all(History(apiID: api, environmentID: change.environmentID)).items ?? []
    let now = history.first(where: \.isEffective).flatMap { $0.versionNumber ?? $0.versionID } ?? "nothing"
    let next =
      switch change.operation {
      case "offline": "offline"
      case "switch_version":
        history.first { $0.versionID == change.versionID }?.versionNumber ?? change.versionID ?? "another version"
      default: "its draft"
      }
    return "\(change.operation)\(what)  \(now) -> \(next)  in \(environment.name) of \(gateway)"
  }
}

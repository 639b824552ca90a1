internal import GatewayAPI
internal import ReleaseEngine
internal import Synchronization

/// The names of what gateways hold, for completion: read in the background, and again when they are old. Nobody waits for
/// them.
final class GatewayNames: Sendable {
  private struct Entry {
    var names: [ResourceKind: [String]] = [:]
    var readAt: ContinuousClock.Instant?
    var isReading = false
  }

  /// How long names are good.
  private static let life = Duration.seconds(300)

  private let entries = Mutex<[String: Entry]>([:])
  private let open: @Sendable (String) async throws -> any Gateway

  /// - Parameter open: opens a gateway by its name, past the journal: what is typed is nothing that a run does.
  init(open: @escaping @Sendable (String) async throws -> any Gateway) { self.open = open }

  /// As far as they are known; old ones are read anew meanwhile.
  func names(of kind: ResourceKind, on gateway: String) -> [String] {
    refresh(gateway)
    return entries.withLock { $0[gateway]?.names[kind] ?? [] }
  }

  /// Reads them, unless they are fresh or being read.
  func refresh(_ gateway: String) {
    let isWanted = entries.withLock { entries in
      let entry = entries[gateway, default: Entry()]
      if entry.isReading { return false }
      if let readAt = entry.readAt, ContinuousClock.now - readAt < Self.life { return false }
      entries[gateway, default: Entry()].isReading = true
      return true
    }
    guard isWanted else { return }
    Task { await read(gateway) }
  }

  /// What was read may be no longer true.
  func forget(_ gateway: String) { entries.withLock { $0[gateway]?.readAt = nil } }

  private func read(_ gateway: String) async {
    // What cannot be read now is tried again later: a missing name is no message.
    if let opened = try? await open(gateway) {
      await keep(ListEnvironments(), .environment, gateway, opened) { $0.name }
      await keep(ListGroups(), .group, gateway, opened) { $0.name }
      await keep(ListAPIs(), .api, gateway, opened) { $0.name }
    }
    entries.withLock { entries in
      entries[gateway]?.isReading = false
      entries[gateway]?.readAt = .now
    }
  }

  private func keep<List: PagedOperation>(
    _ list: List, _ kind: ResourceKind, _ gateway: String, _ opened: any Gateway, _ name: (List.Element) -> String?
  ) async {
    guard let items = try? await opened.all(list).items else { return }
    let names = Set(items.compactMap(name)).sorted()
    entries.withLock { $0[gateway]?.names[kind] = names }
  }
}

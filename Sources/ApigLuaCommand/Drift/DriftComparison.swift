internal import GatewayAPI
internal import OpenAPIDiff
internal import ReleaseEngine

/// Finds out what differs between two sides.
///
/// Environments and exports are compared operation by operation, at the cost of one export for each group and side;
/// with a snapshot on one side versions are compared by their definitions, at the cost of a snapshot of the other.
struct DriftComparison: Sendable {
  let left: DriftSide
  let right: DriftSide
  /// The only group to compare; nil for what both sides can speak of.
  let group: String?
  let open: @Sendable (String?) async throws -> ReleaseRun

  /// - Throws: what a gateway answers; ``UsageError`` for sides that do not compare.
  func report() async throws -> DriftReport {
    switch (left, right) {
    case (.definition, .snapshot), (.snapshot, .definition):
      throw UsageError(
        message: "an export and a snapshot do not compare", hint: "compare either of them with an environment")
    case (.snapshot, _), (_, .snapshot): return try await compareSnapshots()
    default: return try await compareDefinitions()
    }
  }

  private var onlyGroup: String? { group ?? left.group ?? right.group }

  // MARK: - Definitions

  /// With back ends, unless an export that was made without them is compared.
  private var define: Export.Define {
    let lacksBackends = [left, right].contains { side in
      if case .definition(let definition) = side { !definition.definesBackends } else { false }
    }
    return lacksBackends ? .spec : .proxy
  }

  private func compareDefinitions() async throws -> DriftReport {
    async let before = definitions(left)
    async let after = definitions(right)
    let (old, new) = try await (before, after)
    let nothing = try OpenAPIDefinition(["openapi": "3.0.0"])
    var rows: [DriftReport.Row] = []
    for name in Set(old.keys).union(new.keys).sorted() {
      let diff = DefinitionDiff(from: old[name] ?? nothing, to: new[name] ?? nothing)
      rows += diff.changes.map { DriftReport.Row(group: name, change: $0) }
    }
    return DriftReport(
      rows: try await rows.concurrentlyMapped { row in
        var row = row
        if row.change.kind != .added, row.change.leftVersion == nil {
          row.change.leftVersion = await versionNumber(of: row.change.api, left)
        }
        if row.change.kind != .removed, row.change.rightVersion == nil {
          row.change.rightVersion = await versionNumber(of: row.change.api, right)
        }
        return row
      })
  }

  private func definitions(_ side: DriftSide) async throws -> [String: OpenAPIDefinition] {
    switch side {
    case .snapshot: return [:]
    case .definition(let definition):
      guard let name = group ?? definition.title else {
        throw UsageError(message: "the export names no API group", hint: "add --group NAME")
      }
      return [name: definition]
    case .environment(let gateway, let name):
      let run = try await open(gateway)
      let environmentID = try await run.names.id(of: .environment, named: name)
      let exported = try await groups(of: run).concurrentlyMapped { group in
        var export = Export(groupID: group.id, environmentID: environmentID)
        export.define = define
        export.format = .json
        export.version = "drift"
        return (group.name, try Self.definition(try await run.perform(export), of: group.name))
      }
      return Dictionary(exported) { first, _ in first }
    }
  }

  private func groups(of run: ReleaseRun) async throws -> [(id: String, name: String)] {
    if let onlyGroup { return [(try await run.names.id(of: .group, named: onlyGroup), onlyGroup)] }
    return try await run.all(ListGroups()).items.compactMap { group in
      guard let id = group.id, let name = group.name else { return nil }
      return (id, name)
    }
  }

  private static func definition(_ export: ExportedDocument, of group: String) throws -> OpenAPIDefinition {
    do {
      return try OpenAPIDefinition(Document(json: export.bytes))
    } catch {
      throw GatewayError(
        kind: .unavailable, message: "the export of \(group) cannot be read: \(error)", operation: "export")
    }
  }

  /// From the history, where the export does not tell; a report does not fail for want of a label.
  private func versionNumber(of api: String?, _ side: DriftSide) async -> String? {
    guard case .environment(let gateway, let name) = side, let api, let run = try? await open(gateway),
      let apiID = try? await run.names.id(of: .api, named: api),
      let environmentID = try? await run.names.id(of: .environment, named: name)
    else { return nil }
    let history = try? await run.all(History(apiID: apiID, environmentID: environmentID)).items
    return history?.first { $0.isEffective }?.versionNumber
  }

  // MARK: - Snapshots

  private func compareSnapshots() async throws -> DriftReport {
    async let before = snapshot(left)
    async let after = snapshot(right)
    let (old, new) = try await (before, after)
    let rows = DefinitionDiff(fromDigests: Self.running(old, group), to: Self.running(new, group)).changes
    return DriftReport(
      rows: rows.map { change in
        let entry = (old.entries + new.entries).first { $0.label == change.path }
        return DriftReport.Row(group: entry?.group ?? "", change: change)
      })
  }

  private func snapshot(_ side: DriftSide) async throws -> EnvironmentSnapshot {
    if case .snapshot(let snapshot) = side { return snapshot }
    guard case .environment(let gateway, let name) = side else {
      throw UsageError(message: "an export and a snapshot do not compare")
    }
    let run = try await open(gateway)
    let environmentID = try await run.names.id(of: .environment, named: name)
    var only: (id: String, name: String)?
    if let onlyGroup { only = (try await run.names.id(of: .group, named: onlyGroup), onlyGroup) }
    return try await EnvironmentSnapshot(
      of: (environmentID, name), group: only, on: run, named: gateway ?? "", at: .now())
  }

  private static func running(_ snapshot: EnvironmentSnapshot, _ group: String?) -> [String: DefinitionDiff.Running] {
    let entries = snapshot.entries.filter { group == nil || $0.group == group }
    return Dictionary(
      entries.map { ($0.label, DefinitionDiff.Running(digest: $0.digest, versionNumber: $0.versionNumber)) }
    ) { first, _ in first }
  }
}

extension EnvironmentSnapshot.Entry {
  /// Names tell APIs of two gateways from each other; IDs are their own.
  fileprivate var label: String { [group, name ?? apiID].compactMap(\.self).joined(separator: "/") }
}

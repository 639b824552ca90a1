internal import GatewayAPI
internal import ReleaseEngine

/// A run in Markdown: how it ended, and what became of each API, the bad ones first.
struct RunSummary: Sendable {
  /// What every summary begins with.
  static let beginning = "### apig-lua "

  /// Tables of more APIs help nobody, and GitHub takes a mebibyte.
  private static let mostRows = 500

  let account: RunAccount

  var text: String {
    let isGood = account.status.isGood
    let headline = account.headline.isEmpty ? (isGood ? "nothing changed" : "failed") : account.headline
    let end = "\(isGood ? "✔" : "✘") \(headline)"
    var parts = ["\(Self.beginning)\(DataTable.markdown("\(account.script): \(end)"))\n"]
    parts.append(
      DataTable(
        columns: ["run", "gateway", "environment", "outcome", "exit"],
        rows: [
          [
            account.run, account.gateway, account.environment ?? "",
            account.status.outcome(keepsChanges: account.changes.areKept), "\(account.status.rawValue)",
          ]
        ]
      ).markdown)
    if let failure = account.failure {
      let place = failure.place.map { "\($0): " } ?? ""
      parts.append("> \(DataTable.markdown(place + failure.message))\n")
    }
    let apis = account.changes.apis.sorted { $0.state.rank < $1.state.rank }
    if !apis.isEmpty { parts.append(table(Array(apis.prefix(Self.mostRows))).markdown) }
    if apis.count > Self.mostRows {
      parts.append("… and \(apis.count - Self.mostRows) more: `apig-lua journal show \(account.run)`\n")
    }
    return parts.joined(separator: "\n")
  }

  /// What says the same in every row is left out.
  private func table(_ apis: [APIChange]) -> DataTable {
    var columns: [(title: String, cell: (APIChange) -> String)] = [
      ("gateway", { $0.gateway }), ("API", { $0.apiName ?? $0.apiID }),
      ("environment", { $0.environmentName ?? $0.environmentID ?? "" }), ("was", { $0.before.name }),
      ("now", { $0.after.name }), ("state", { $0.outcomeWord }),
      ("wave", { account.origins[$0].wave ?? "" }), ("why", { $0.error?.reason ?? $0.note ?? "" }),
    ]
    columns.removeAll { column in
      switch column.title {
      case "gateway": Set(apis.map(column.cell)).count == 1
      case "wave", "why": apis.allSatisfy { column.cell($0).isEmpty }
      default: false
      }
    }
    return DataTable(columns: columns.map(\.title), rows: apis.map { api in columns.map { $0.cell(api) } })
  }
}

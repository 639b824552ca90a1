internal import GRDB

/// The rules that one gateway obeys, as it last read them.
struct FaultRules: Sendable {
  /// Rows are only ever added, with growing numbers, and removed: the highest number and the count tell two sets apart.
  struct Revision: Sendable, Hashable {
    var last: Int64 = 0
    var count = 0

    init() {}

    init(_ db: Database) throws {
      var (last, count): (Int64, Int) = (0, 0)
      try db.eachKept("SELECT max(position), count(*) FROM fault") { (last, count) = ($0[0] ?? 0, $0[1]) }
      (self.last, self.count) = (last, count)
    }
  }

  var revision = Revision()
  var rules: [(position: Int64, rule: FaultRule)] = []

  /// The longest age that a rule wants reads to have; nil when none does.
  var longestStaleness: Duration? {
    rules.compactMap { if case .fault(_, .stale(let age)) = $0.rule.kind { age } else { nil } }.max()
  }

  /// - Throws: ``FaultRulesChanged`` when the file holds other rules by now.
  func requireCurrent(_ db: Database) throws {
    guard try Revision(db) == revision else { throw FaultRulesChanged() }
  }
}

struct FaultRulesChanged: Error {}

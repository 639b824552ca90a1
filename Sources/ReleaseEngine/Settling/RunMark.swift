/// One mark: `al:1QK8ZT3F7A:1`.
///
/// Read by hand: a run that goes on reads one for each change that it made, and a regular expression is compiled anew
/// for each.
struct RunMark: Sendable, Hashable {
  let run: String
  let number: Int

  var text: String { Self.prefix(of: run) + "\(number)" }

  init(run: String, number: Int) {
    self.run = run
    self.number = number
  }

  /// The last word of a remark, if it is a mark.
  init?(atEndOf remark: String) {
    let word = remark.utf8.lastIndex(of: UInt8(ascii: " ")).map { remark[$0...].dropFirst() } ?? remark[...]
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "al", !parts[1].isEmpty,
      parts[1].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }),
      parts[2].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(parts[2])
    else { return nil }
    self.init(run: String(parts[1]), number: number)
  }

  /// What all marks of a run begin with.
  static func prefix(of run: String) -> String { "al:\(run):" }
}

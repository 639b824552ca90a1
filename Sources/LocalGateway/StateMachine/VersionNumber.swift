internal import GatewayAPI

/// The label of a version: local time as `yyyyMMddHHmmss`, as the documented gateway in UTC+8 writes it.
enum VersionNumber {
  /// Labels of an API only grow: one that a version bore which is gone would otherwise come back for another.
  ///
  /// - Parameter taken: the labels that the API's kept versions have; a seed may have brought some that are no moments.
  /// - Returns: the label of the moment, or of the second after the latest one taken.
  static func make(at moment: Timestamp, taken: Set<String>) -> String {
    let label = text(moment.seconds + 8 * 3600)
    // Nearly always the last one is of another day.
    guard let highest = taken.max(), highest >= label else { return label }
    // Labels that are moments sort as these do: only the latest has to be read.
    let last = taken.sorted(by: >).lazy.compactMap { self.moment(of: $0)?.seconds }.first
    var seconds = max(moment.seconds + 8 * 3600, last.map { $0 + 1 } ?? .min)
    while taken.contains(text(seconds)) { seconds += 1 }
    return text(seconds)
  }

  private static func text(_ seconds: Int64) -> String {
    String(decoding: Timestamp(seconds: seconds).text.utf8.filter { 0x30...0x39 ~= $0 }, as: UTF8.self)
  }

  private static func moment(of label: String) -> Timestamp? {
    let digits = Array(label)
    guard digits.count == 14 else { return nil }
    func part(_ range: Range<Int>) -> String { String(digits[range]) }
    return Timestamp("\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z")
  }
}

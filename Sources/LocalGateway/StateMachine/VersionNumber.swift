internal import GatewayAPI

/// The label of a version: local time as `yyyyMMddHHmmss`, as the documented gateway in UTC+8 writes it.
enum VersionNumber {
  /// - Parameter taken: the labels that the API's versions have already.
  /// - Returns: the label of the moment, or of the first second after it that is free.
  static func make(at moment: Timestamp, taken: Set<String>) -> String {
    var seconds = moment.seconds + 8 * 3600
    while true {
      let label = Timestamp(seconds: seconds).text.filter(\.isNumber)
      if !taken.contains(label) { return label }
      seconds += 1
    }
  }
}

internal import GatewayAPI

/// The moment of a signature, to the second: `20191115T033655Z`.
public struct SigningDate: Sendable, Hashable {
  /// Seconds since 1970, UTC.
  public let secondsSince1970: Int64

  public init(secondsSince1970: Int64) { self.secondsSince1970 = secondsSince1970 }

  /// Reads the form that `X-Sdk-Date` has; nil for anything else.
  public init?(stamp: String) {
    let bytes = Array(stamp.utf8)
    guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
    func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    let text = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
    guard let moment = Timestamp(text) else { return nil }
    self.init(secondsSince1970: moment.seconds)
  }

  /// The form that `X-Sdk-Date` has.
  public var stamp: String {
    let text = Timestamp(seconds: secondsSince1970).text.utf8
    return String(decoding: text.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") }, as: UTF8.self)
  }
}

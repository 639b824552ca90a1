/// A moment as the gateway writes it: RFC 3339 with up to nine digits of a second.
///
/// Foundation's parsers stop at milliseconds; whether a draft is newer than a publication is decided by nanoseconds.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Seconds since 1970, UTC.
  public let seconds: Int64
  public let nanoseconds: Int32

  public init(seconds: Int64, nanoseconds: Int32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Reads `2020-08-03T03:01:31.26522821Z`, or with an offset such as `+08:00`; nil when it is none.
  public init?(_ text: String) {
    var scanner = TimestampScanner(text)
    guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), scanner.skip("-"),
      let day = scanner.digits(2), scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
      let hour = scanner.digits(2), scanner.skip(":"), let minute = scanner.digits(2), scanner.skip(":"),
      let second = scanner.digits(2), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
      second <= 60
    else { return nil }
    let nanoseconds = scanner.skip(".") ? scanner.fraction() : 0
    guard let nanoseconds, let offset = scanner.offset(), scanner.isAtEnd else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    self.init(
      seconds: Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset),
      nanoseconds: Int32(nanoseconds))
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// Days since 1970 in the proleptic Gregorian calendar.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    // Years that begin in March put the leap day at their end.
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

private struct TimestampScanner {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func digit() -> Int? {
    guard let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
    rest.removeFirst()
    return Int(byte - UInt8(ascii: "0"))
  }

  mutating func digits(_ count: Int) -> Int? {
    var value = 0
    for _ in 0..<count {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  /// One to nine digits behind the point, as nanoseconds; more are cut off.
  mutating func fraction() -> Int? {
    guard var value = digit() else { return nil }
    var count = 1
    while let digit = digit() {
      if count < 9 {
        value = value * 10 + digit
        count += 1
      }
    }
    for _ in count..<9 { value *= 10 }
    return value
  }

  /// `Z` or `±hh:mm`, in seconds east of UTC.
  mutating func offset() -> Int? {
    if skip("Z") || skip("z") { return 0 }
    let sign = skip("+") ? 1 : skip("-") ? -1 : 0
    guard sign != 0, let hours = digits(2), skip(":"), let minutes = digits(2) else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }
}

extension Timestamp {
  /// RFC 3339 in UTC, to the second; with a fraction when there is one.
  public var text: String {
    let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
    let secondOfDay = Int(seconds - days * 86_400)
    let (year, month, day) = Self.date(days: Int(days))
    var text: [UInt8] = []
    text.reserveCapacity(30)
    Self.append(year, 4, to: &text)
    text.append(UInt8(ascii: "-"))
    Self.append(month, 2, to: &text)
    text.append(UInt8(ascii: "-"))
    Self.append(day, 2, to: &text)
    text.append(UInt8(ascii: "T"))
    Self.append(secondOfDay / 3600, 2, to: &text)
    text.append(UInt8(ascii: ":"))
    Self.append(secondOfDay / 60 % 60, 2, to: &text)
    text.append(UInt8(ascii: ":"))
    Self.append(secondOfDay % 60, 2, to: &text)
    if nanoseconds > 0 {
      text.append(UInt8(ascii: "."))
      Self.append(Int(nanoseconds), 9, to: &text)
      while text.last == UInt8(ascii: "0") { text.removeLast() }
    }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends a number with zeros before it, up to a width.
  private static func append(_ number: Int, _ width: Int, to text: inout [UInt8]) {
    var rest = number
    let start = text.count
    for _ in 0..<width {
      text.append(UInt8(ascii: "0") + UInt8(abs(rest % 10)))
      rest /= 10
    }
    guard rest == 0, number >= 0 else {
      // Years that have more than four digits, or are before the first.
      let digits = String(number)
      text.replaceSubrange(start..., with: (String(repeating: "0", count: max(0, width - digits.count)) + digits).utf8)
      return
    }
    text[start...].reverse()
  }

  private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }
}

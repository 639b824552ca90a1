internal import Foundation

/// Hours of some days of the week, in a time zone: mon-fri, 08:00 to 18:00, Europe/Berlin.
public struct PolicyHours: Sendable, Hashable, CustomStringConvertible {
  static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

  /// From 1 for Sunday, as calendars count.
  let days: Set<Int>
  /// In minutes from midnight.
  let from: Int
  /// In minutes from midnight; not later than ``from`` for hours that end on the next day.
  let to: Int
  let zone: TimeZone
  public let description: String

  func contains(_ time: Date) -> Bool {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let now = calendar.dateComponents([.weekday, .hour, .minute], from: time)
    guard let day = now.weekday, let hour = now.hour, let minute = now.minute else { return false }
    let minutes = hour * 60 + minute
    if from < to { return days.contains(day) && minutes >= from && minutes < to }
    // Over midnight, the hours behind it belong to the day before.
    let yesterday = day == 1 ? 7 : day - 1
    return (days.contains(day) && minutes >= from) || (days.contains(yesterday) && minutes < to)
  }
}

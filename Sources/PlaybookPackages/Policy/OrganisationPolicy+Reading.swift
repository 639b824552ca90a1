internal import Foundation
internal import GatewayAPI
internal import Glibc

extension OrganisationPolicy {
  private static let keys = ["require_signed", "operations", "environments", "groups", "hours", "max_apis"]

  /// Reads the policies of files, all of which hold together. A file that is not there allows everything; one that
  /// cannot be read or understood allows nothing to be done.
  ///
  /// - Throws: ``PackageError`` of kind `malformed`.
  public init(files: [String]) throws(PackageError) {
    self.init()
    for path in files {
      let text: [UInt8]
      do throws(FileReading.Failure) {
        text = try FileReading.read(path, limit: Self.maximumSize)
      } catch {
        if case .system(ENOENT) = error, !Self.isLink(path) { continue }
        throw PackageError(.malformed, place: path, "the policy \(error.reason)")
      }
      self = narrowed(by: try OrganisationPolicy(text, place: path))
    }
  }

  /// One that leads nowhere is a policy that cannot be read, not one that nobody wrote.
  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Reads the text of one policy.
  ///
  /// - Parameter place: its file, for messages.
  /// - Throws: ``PackageError`` of kind `malformed`, with line and column.
  public init(_ text: [UInt8], place: String) throws(PackageError) {
    let file = YAMLFile(name: place)
    self.init()
    let root = try file.root(text, maximumSize: Self.maximumSize)
    for (key, node) in try file.members(of: root, "the file", keys: Self.keys) {
      switch key {
      case "require_signed": requiresSigned = try file.boolean(node, key)
      case "operations": operations = try Self.operations(node, file)
      case "environments": environments = [try file.texts(node, key)]
      case "groups": groups = [try file.texts(node, key)]
      case "hours": hours = [try Self.hours(node, file)]
      case "max_apis":
        guard let number = Int(try file.text(node, key)), number >= 0 else {
          throw file.wrong(node, "'max_apis' must be a number, 0 or more")
        }
        maximumAPIs = number
      default: break
      }
    }
  }

  private static func operations(_ node: YAMLNode, _ file: YAMLFile) throws(PackageError) -> [Permission.Kind] {
    let words = Permission.Kind.allCases.map(\.rawValue)
    var kinds: [Permission.Kind] = []
    for element in try file.list(node, "operations") {
      let word = try file.text(element, "an entry of operations")
      guard let kind = Permission.Kind(rawValue: word) else {
        throw file.wrong(
          element, "there is no operation '\(word.shownName)'",
          hint: Suggestion.closest(to: word, in: words).map { "did you mean '\($0)'?" }
            ?? "there are \(words.joined(separator: ", "))")
      }
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds
  }

  private static func hours(_ node: YAMLNode, _ file: YAMLFile) throws(PackageError) -> [PolicyHours] {
    var hours: [PolicyHours] = []
    for element in try file.list(node, "hours") {
      var days = Set(1...7)
      var from = 0
      var to = 24 * 60
      var zone = TimeZone.gmt
      var words: [String: String] = [:]
      for (key, value) in try file.members(of: element, "an entry of hours", keys: ["days", "from", "to", "zone"]) {
        let text = try file.text(value, key)
        words[key] = text
        switch key {
        case "days":
          guard let read = Self.days(text) else {
            throw file.wrong(value, "'days' cannot be '\(text.shownName)'", hint: "write mon-fri, or mon,wed,fri")
          }
          days = read
        case "zone":
          guard let read = TimeZone(identifier: text) else {
            throw file.wrong(value, "there is no time zone '\(text.shownName)'", hint: "write UTC or Europe/Berlin")
          }
          zone = read
        default:
          guard let minutes = Self.minutes(text) else {
            throw file.wrong(value, "'\(key)' cannot be '\(text.shownName)'", hint: "write it as \"08:00\"")
          }
          if key == "from" { from = minutes } else { to = minutes }
        }
      }
      guard from != to else {
        throw file.wrong(element, "'from' and 'to' are the same time", hint: "leave both away for the whole day")
      }
      let text =
        "\(words["days"] ?? "every day") \(words["from"] ?? "00:00")-\(words["to"] ?? "24:00") "
        + (words["zone"] ?? "UTC")
      hours.append(PolicyHours(days: days, from: from, to: to, zone: zone, description: text))
    }
    return hours
  }

  /// `mon-fri`, `sat,sun`, `fri-mon`.
  private static func days(_ text: String) -> Set<Int>? {
    var days: Set<Int> = []
    for part in text.lowercased().split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { name in
        PolicyHours.dayNames.firstIndex { $0 == name.filter { $0 != " " } }
      }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else { return nil }
      let count = (last - first + 7) % 7
      for step in 0...count { days.insert((first + step) % 7 + 1) }
    }
    return days
  }

  private static func minutes(_ text: String) -> Int? {
    guard let match = text.wholeMatch(of: /([0-9]{1,2}):([0-9]{2})/), let hour = Int(match.1),
      let minute = Int(match.2), minute < 60, hour * 60 + minute <= 24 * 60
    else { return nil }
    return hour * 60 + minute
  }
}

internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime

/// How one test ended.
struct SpecResult: Sendable, Hashable {
  enum Status: String, Sendable {
    case passed, failed, pending
    /// Something else than an assertion went wrong.
    case error
  }

  /// Of the blocks around it, and its own.
  var names: [String]
  var status: Status
  /// Why it did not pass; empty where it did.
  var message: String
  /// What differs, a line each.
  var lines: [String]
  /// The failing line, or the test's own: "canary_spec.lua:12".
  var place: String?
  var seconds: Double

  var name: String { names.joined(separator: " ") }
  var isBad: Bool { status == .failed || status == .error }
}

extension SpecResult {
  /// Out of what the Lua part reports.
  init(_ report: Document) {
    func texts(_ name: String) -> [String] { report[name]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    names = texts("names")
    status = report["status"]?.stringValue.flatMap(Status.init(rawValue:)) ?? .error
    message = report["message"]?.stringValue ?? ""
    lines = texts("lines")
    place = report["where"]?.stringValue
    seconds = report["seconds"].flatMap { LuaValue($0).numberValue } ?? 0
  }
}

/// How the tests of one file ended.
struct SpecReport: Sendable {
  /// As it was named or found.
  let file: String
  var results: [SpecResult]
  var seconds: Double

  func count(_ status: SpecResult.Status) -> Int { results.count { $0.status == status } }
  var isBad: Bool { results.contains(where: \.isBad) }

  /// A place in the file, with the file as it was named.
  func shown(_ place: String?) -> String {
    guard let place else { return file }
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return place.hasPrefix(name + ":") ? String(file.dropLast(name.count)) + place : place
  }
}

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
  /// Out of what the Lua part reports. Values under test may be binary: what is no text of them is shown as U+FFFD.
  init(_ report: LuaValue) {
    func text(_ value: LuaValue?) -> String? {
      guard case .string(let text) = value else { return nil }
      return text.description
    }
    let report = report.tableValue
    func texts(_ name: String) -> [String] { report?[name].tableValue?.sequence.compactMap { text($0) } ?? [] }
    names = texts("names")
    status = text(report?["status"]).flatMap(Status.init(rawValue:)) ?? .error
    message = text(report?["message"]) ?? ""
    lines = texts("lines")
    place = text(report?["where"])
    seconds = report?["seconds"].numberValue ?? 0
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

internal import Foundation
internal import GatewayAPI

/// A report of tests that goes into a file: `junit=FILE`.
struct TestReportFile: Sendable {
  enum Kind: String, Sendable, CaseIterable {
    case junit, tap
  }

  let kind: Kind
  let path: String

  /// - Throws: ``UsageError`` for what is no report.
  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let kind = Kind(rawValue: parts[0]) else {
      throw UsageError(
        message: "there is no report '\(parts[0])'",
        hint: Suggestion.closest(to: parts[0], in: Kind.allCases.map(\.rawValue)).map { "did you mean '\($0)'?" }
          ?? "write junit=FILE or tap=FILE")
    }
    guard parts.count == 2, !parts[1].isEmpty else {
      throw UsageError(message: "--report \(parts[0]) needs a file", hint: "write \(parts[0])=FILE")
    }
    self.kind = kind
    path = parts[1]
  }

  /// - Throws: ``UsageError`` when the file cannot be written.
  func write(_ reports: [SpecReport]) throws {
    let text =
      switch kind {
      case .junit: JUnitReport(reports: reports).text
      case .tap: TAPReport(reports: reports).text
      }
    let url = URL(filePath: path)
    do {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url, options: .atomic)
    } catch {
      throw UsageError(
        message: "the report \(path) cannot be written: \((error as NSError).localizedDescription)",
        hint: "name a file in a folder that you may write")
    }
  }
}

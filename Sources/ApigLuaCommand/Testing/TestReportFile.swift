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

  /// Looks whether the file can be written, before tests take their time; makes its folder.
  ///
  /// - Throws: ``UsageError``.
  func prepare() throws {
    let url = URL(filePath: path)
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    if exists, isFolder.boolValue { throw refusal("it is a folder") }
    let folder = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw refusal((error as NSError).localizedDescription)
    }
    guard FileManager.default.isWritableFile(atPath: folder.path) else {
      throw refusal("its folder may not be written")
    }
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
      throw refusal((error as NSError).localizedDescription)
    }
  }

  private func refusal(_ reason: String) -> UsageError {
    UsageError(
      message: "the report \(path) cannot be written: \(reason)", hint: "name a file in a folder that you may write")
  }
}

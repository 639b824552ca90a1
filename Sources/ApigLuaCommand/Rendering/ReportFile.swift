internal import Foundation
internal import GatewayAPI

/// The forms that a command's report can have.
protocol ReportKind: RawRepresentable<String>, CaseIterable, Sendable {
  /// Whether a file that begins so may be replaced by such a report.
  func isReport(_ beginning: String) -> Bool
  /// The variable that holds the file where none is named.
  var fileVariable: String? { get }
  /// Whether a report takes the place of the one before it; else it comes behind.
  var isReplaced: Bool { get }
}

extension ReportKind {
  var fileVariable: String? { nil }
  var isReplaced: Bool { true }
}

/// A report that goes into a file: `junit=FILE`.
struct ReportFile<Kind: ReportKind>: Sendable {
  let kind: Kind
  let path: String
  private let variables: EnvironmentVariables

  /// - Parameter variables: the process's environment.
  /// - Throws: ``UsageError`` for what is no report.
  init(_ text: String, variables: EnvironmentVariables) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let kinds = Kind.allCases.map(\.rawValue)
    guard let kind = Kind(rawValue: parts[0]) else {
      throw UsageError(
        message: "there is no report '\(parts[0])'",
        hint: Suggestion.closest(to: parts[0], in: kinds).map { "did you mean '\($0)'?" }
          ?? "write \(kinds.map { "\($0)=FILE" }.joined(separator: " or "))")
    }
    let named = parts.count == 2 && !["", "-"].contains(parts[1]) ? parts[1] : nil
    guard let path = named ?? kind.fileVariable.flatMap({ variables[$0] }) else {
      throw UsageError(
        message: "--report \(parts[0]) needs a file",
        hint: "write \(parts[0])=FILE" + (kind.fileVariable.map { ", or set \($0)" } ?? ""))
    }
    self.kind = kind
    self.path = path
    self.variables = variables
  }

  /// Looks whether the file can be written, before what it is to tell of takes its time; makes its folder.
  ///
  /// - Throws: ``UsageError``.
  func prepare() throws {
    let url = URL(filePath: path)
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    if exists, isFolder.boolValue { throw refusal("it is a folder") }
    let type = try? FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)[.type]
    if exists, type as? FileAttributeType != .typeRegular { throw refusal("it is no file") }
    let folder = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw refusal((error as NSError).localizedDescription)
    }
    guard FileManager.default.isWritableFile(atPath: exists ? url.path : folder.path) else {
      throw refusal(exists ? "it may not be written" : "its folder may not be written")
    }
    guard exists, let handle = FileHandle(forReadingAtPath: url.path) else { return }
    defer { try? handle.close() }
    let beginning = (try? handle.read(upToCount: 512)) ?? Data()
    // A slip of the hand must not cost a script.
    // What others wrote into a summary stays, whoever they are.
    let isNamedForIt = kind.fileVariable.flatMap { variables[$0] } == path || !kind.isReplaced && path.hasSuffix(".md")
    guard beginning.isEmpty || isNamedForIt || kind.isReport(String(decoding: beginning, as: UTF8.self)) else {
      throw UsageError(
        message: "\(path) is there already and is no \(kind.rawValue) report",
        hint: "--report takes a new file, or that of such a report")
    }
    // Whatever goes wrong from here on, nobody reads an earlier report for this one.
    if kind.isReplaced { try? FileManager.default.removeItem(at: url) }
  }

  /// - Parameter isAppended: whether what the file holds stays.
  /// - Throws: ``UsageError`` when the file cannot be written.
  func write(_ text: String, isAppended: Bool = false) throws {
    let url = URL(filePath: path)
    do {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      if isAppended, let handle = FileHandle(forWritingAtPath: url.path) {
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
      } else {
        try Data(text.utf8).write(to: url, options: isAppended ? [] : .atomic)
      }
    } catch {
      throw refusal((error as NSError).localizedDescription)
    }
  }

  private func refusal(_ reason: String) -> UsageError {
    UsageError(
      message: "the report \(path) cannot be written: \(reason)", hint: "name a file in a folder that you may write")
  }
}

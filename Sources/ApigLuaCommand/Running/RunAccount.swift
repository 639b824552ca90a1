internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// A run that came to its end, as reports tell of it.
struct RunAccount: Sendable {
  /// What ended the script.
  struct Failure: Sendable, Hashable {
    let message: String
    /// "release.lua:14"
    let place: String?
  }

  let run: String
  let gateway: String
  let environment: String?
  /// The script's name.
  let script: String
  /// The folder that names of scripts refer to, as it is seen from here, with a slash at its end; empty for here.
  let folder: String
  let status: ExitStatus
  let seconds: Double
  let changes: RunChanges
  let origins: ChangeOrigins
  let failure: Failure?
  /// One line on how it ended; empty when there is nothing to say.
  let headline: String
  /// Whether it put back what another run had changed.
  let isUndo: Bool

  /// Why the run is not good, and no API says so; nil for a good one.
  var problem: Failure? {
    if status.isGood { return nil }
    return failure
      ?? Failure(message: headline.isEmpty ? "it ended with exit \(status.rawValue)" : headline, place: nil)
  }

  /// Why an API is not as it was to be; nil for one that is.
  func problem(of change: APIChange) -> String? {
    switch change.state {
    case .unchanged: nil
    // An undo that is through has left nothing as the run made it.
    case .changed: isUndo && !status.isGood ? "not put back" : nil
    case .undone: isUndo ? nil : failure?.message ?? "undone"
    // What never ran there had nothing to be put back.
    case .failed where isUndo: nil
    case .failed, .unknown, .undoFailed: change.error?.reason ?? change.outcomeWord
    }
  }

  /// Writes the reports that were asked for; one that fails keeps nobody from the others, nor changes the end.
  func write(_ reports: [ReportFile<RunReportKind>], _ style: Style) {
    for report in reports {
      do {
        try report.write(self)
      } catch {
        ErrorReport(error: error, style: style).tell()
      }
    }
  }

  /// The file of a place and its line: "scripts/release.lua", 14.
  func file(of place: String?) -> (path: String, line: Int)? {
    guard let parts = place?.split(separator: ":"), parts.count == 2, let line = Int(parts[1]),
      parts[0].hasSuffix(".lua")
    else { return nil }
    return (folder + parts[0], line)
  }
}

extension RunAccount {
  /// - Parameters:
  ///   - script: the script's name.
  ///   - path: of the script's file, absolute; nil for what is no file.
  ///   - workingFolder: from where the file is to be named.
  ///   - status: what the process ends with, where that is not the run's.
  init(
    _ end: RunEnd, _ reporter: RunReporter, script: String, path: String? = nil, workingFolder: String = "",
    isUndo: Bool = false, status: ExitStatus? = nil
  ) {
    let status = status ?? end.status
    run = end.facts.id
    gateway = end.facts.gateway
    environment = end.facts.environment
    self.script = script
    folder = path.map { Self.folder(of: $0, from: workingFolder) } ?? ""
    self.status = status
    seconds = end.seconds
    changes = end.changes
    origins = reporter.origins
    failure = (end.error ?? end.undoProblem).flatMap { Self.failure($0, reporter.style) }
    headline =
      isUndo ? ChangeReport(changes: changes, style: reporter.style).summary : end.headline(reporter).text(status)
    self.isUndo = isUndo
  }

  private static func failure(_ error: any Error, _ style: Style) -> Failure? {
    if let exit = error as? ScriptExit {
      return exit.code == .failed ? Failure(message: exit.text ?? "the script failed", place: nil) : nil
    }
    let document = ErrorReport(error: error, style: style).document
    return Failure(message: document["message"]?.stringValue ?? "", place: document["where"]?.stringValue)
  }

  private static func folder(of path: String, from workingFolder: String) -> String {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let here = workingFolder.hasSuffix("/") ? workingFolder : workingFolder + "/"
    return folder.hasPrefix(here) ? String(folder.dropFirst(here.count)) : folder
  }
}

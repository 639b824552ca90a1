internal import ArgumentParser
internal import ReleaseEngine

/// Runs a command: settings first, errors reported as everywhere, the exit code theirs.
///
/// - Parameters:
///   - isRun: whether it changes something as a run, of which there can be reports.
///   - takesToken: whether a token is read from standard input where that is asked for.
func reporting(
  _ options: EngineOptions, isRun: Bool = false, takesToken: Bool = true,
  _ body: (Settings, Style) async throws -> ExitStatus
) async throws {
  let process = ProcessFacts.current
  var style = Style(.auto, variables: process.variables, stream: .error)
  do {
    var settings = try Settings(options, variables: process.variables, folder: process.folder)
    style = Style(settings.color, variables: process.variables, stream: .error)
    if !isRun { try settings.refuseReports() }
    if takesToken { try settings.takeToken(options) }
    if isRun, settings.takesLockAsItIs {
      try await LockedPackages(settings: settings, folder: process.folder).requireWhole()
    }
    let status = try await body(settings, style)
    guard status == .ok else { throw status }
  } catch let status as ExitStatus {
    throw status
  } catch {
    ErrorReport(error: error, style: style).tell()
    throw ExitStatus(error: error, changes: RunChanges(), signal: nil)
  }
}

/// Runs a command that needs no settings; errors are reported as everywhere.
func reportingErrors(_ body: (ProcessFacts, Style) throws -> Void) throws {
  let process = ProcessFacts.current
  let style = Style(.auto, variables: process.variables, stream: .error)
  do {
    try body(process, style)
  } catch let status as ExitStatus {
    throw status
  } catch {
    ErrorReport(error: error, style: style).tell()
    throw ExitStatus(error: error, changes: RunChanges(), signal: nil)
  }
}

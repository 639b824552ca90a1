internal import GatewayAPI
internal import GatewayScripting
internal import ReleaseEngine

/// Opens gateways for a command that changes nothing, and closes them at its end.
///
/// - Parameters:
///   - kind: what it does there; nil for what belongs to an undo, which nobody is to forbid.
///   - body: gets what opens a gateway by its name; nil for the one that the settings name.
/// - Throws: ``GatewayError`` of kind `refused` for what is denied; what the body throws.
func withReadingGateways<Value: Sendable>(
  _ settings: Settings, for kind: Permission.Kind? = .read,
  _ body: (@escaping @Sendable (String?) async throws -> ReleaseRun) async throws -> Value
) async throws -> Value {
  try settings.refuseReports()
  switch kind.map({ settings.permissions.verdict(on: $0, for: .script) }) {
  case nil, .granted: break
  case .missing(let error), .refused(let error): throw error
  }
  let connections = GatewayConnections(
    settings: settings, instruments: try RunInstruments(settings), journal: nil)
  let result: Result<Value, any Error>
  do { result = .success(try await body { try await connections.run($0) }) } catch { result = .failure(error) }
  await connections.close()
  return try result.get()
}

extension Settings {
  /// Refuses `--report` for what is no run.
  ///
  /// - Throws: ``UsageError``.
  func refuseReports() throws {
    guard reports.isEmpty else {
      throw UsageError(
        message: "--report is about a run, and this is none", hint: "--output markdown or csv writes the result so")
    }
  }
}

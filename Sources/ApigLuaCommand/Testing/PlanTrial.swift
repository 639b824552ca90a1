internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// A plan of a playbook under test.
struct PlanTrial: Sendable {
  let gateway: TestGateway
  let request: TrialRequest

  /// - Returns: the plan's document, with how planning ended beside it.
  /// - Throws: ``GatewayError`` of kind `usage` for what cannot be planned so; ``UsageError``.
  func make() async throws -> Document {
    let options = try TestGateway.options(request.flags)
    let settings = try gateway.settings(options)
    let style = Style(.never, variables: settings.variables, stream: .error)
    var words: [String] = []
    let session = PlanSession(
      configuration: SessionConfiguration(
        settings: settings, instruments: try RunInstruments(settings), style: style, process: .current,
        limits: options.limits, isIsolated: false),
      source: request.source, chunk: request.chunk,
      parameters: request.parameters,
      request: try PlanRequest(file: nil, tellsDifferences: false, assumed: request.assumptions, words: &words),
      bench: gateway.bench)
    let output = TrialOutput()
    let made = try await session.make(output, written: { output.output }, onClientEvent: { _ in })
    var members = made.plan.document.objectValue ?? [:]
    members["exit"] = .integer(Int64(made.findings.status(tellsDifferences: false, signal: nil).rawValue))
    members["error"] = made.findings.failure.map {
      ErrorReport(error: $0, style: style, chunks: made.chunks).document
    }
    members["logs"] = .array(output.logs)
    return .object(members)
  }
}

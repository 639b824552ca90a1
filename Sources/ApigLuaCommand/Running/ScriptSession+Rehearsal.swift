internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal

extension ScriptSession {
  /// Runs a changed script as far as the journal goes, to see whether it still does what it did before. Reads that it
  /// did not make before are made; nothing is changed, waited for, asked of people or kept.
  ///
  /// - Throws: ``RunDivergence`` when it does something else.
  func rehearse() async throws {
    guard let earlier else { return }
    let recorder = RunRecorder(replaying: earlier.entries)
    recorder.endAfterReplay()
    let scopes = UndoScopes()
    let approvals = configuration.approvals(recorder, script: start.chunk.name, in: modules, isRehearsal: true)
    let web = WebConnection(settings: settings)
    let connections = GatewayConnections(
      settings: settings, instruments: configuration.instruments, journal: nil, recorder: recorder, scopes: scopes,
      approvals: approvals)
    let context = context(
      configuration.facts(id: earlier.record.id, startedAt: start.startedAt), output: SilentOutput(),
      recorder: recorder, scopes: scopes, connections: connections,
      surroundings: ScriptSurroundings(settings: settings, approvals: approvals, connections: connections, web: web))
    let result: Result<Void, any Error>
    do {
      _ = try await runner(LoadedChunks(start.chunk), recorder).run(
        start.chunk, in: context, arguments: start.arguments)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await web.close()
    await connections.close()
    // What was granted once is asked for again by the run itself, which finds out the rest.
    if case .failure(let end as ReplayEnd) = result, end.isEarly { return }
    // How it ends otherwise is for the run itself to report, as long as it comes as far as it did.
    if case .failure(let divergence as RunDivergence) = result { throw divergence }
    try recorder.checkReplayed()
  }
}

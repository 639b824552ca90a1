internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import Synchronization

/// Runs the tests of one file, in the sandbox of a playbook, with `apig.test` beside it.
struct SpecSession: Sendable {
  let file: SpecFile
  /// Only tests whose names hold this text.
  let filter: String?
  /// What the command line allows: other servers that may be turned to.
  let permissions: Permissions
  /// Hears which lines the tests ran; nil where nobody wants to know.
  let coverage: TestCoverage?

  /// Hands the spec to the Lua part, with the globals that it is to have.
  private static let driver = LuaChunk(
    name: "[test]", source: "local source, name, filter = ...; require('apig.test').main(_G, source, name, filter)")

  func run() async -> SpecReport {
    let began = ContinuousClock.now
    let results = SpecResults()
    let counts = coverage.map { _ in LuaLineCounts() }
    let modules = LoadedFiles(file.modules)
    let bench = TestBench(scriptFolders: file.scriptFolders, permissions: permissions, coverage: coverage)
    do {
      let chunk = try ScriptSource.file(file.path).chunk()
      var runner = ScriptRunner(moduleSource: modules.source)
      runner.limits.interruption = .signal
      runner.lineCounts = counts
      runner.modules = [TestLibrary(bench: bench) { results.add($0) }.module]
      let arguments = [String(decoding: chunk.source, as: UTF8.self), chunk.name] + [filter].compactMap(\.self)
      _ = try await runner.run(Self.driver, in: context(bench), arguments: arguments)
    } catch {
      results.add(failure(error))
    }
    await bench.close()
    if let counts { coverage?.add(counts) { modules[$0] } }
    return SpecReport(file: file.shown, results: results.all, seconds: (.now - began) / .seconds(1))
  }

  /// A spec reaches the gateways of its tests, and nothing else.
  private func context(_ bench: TestBench) -> ScriptContext {
    ScriptContext(
      facts: RunFacts(
        id: "spec", user: ProcessFacts.current.user, startedAt: Timestamp.now().text, gateway: "test"),
      output: SpecOutput()
    ) { try await bench.gateway($0).hand }
  }

  /// What ended the file before its tests did.
  private func failure(_ error: any Error) -> SpecResult {
    let report = ErrorReport(error: error, style: Style(.never, variables: EnvironmentVariables([:]), stream: .error))
      .document
    let hint = report["hint"]?.stringValue.map { " (\($0))" } ?? ""
    return SpecResult(
      names: ["the file itself"], status: .error, message: (report["message"]?.stringValue ?? "") + hint, lines: [],
      place: report["where"]?.stringValue, seconds: 0)
  }
}

/// The results so far: what ended is kept, whatever ends the file.
private final class SpecResults: Sendable {
  private let results = Mutex<[SpecResult]>([])

  var all: [SpecResult] { results.withLock(\.self) }

  func add(_ result: SpecResult) { results.withLock { $0.append(result) } }
}

/// What a spec itself prints goes where messages go: the result is the tests'.
private struct SpecOutput: ScriptOutput {
  func print(_ text: LuaString) { StandardStream.error.write(text.bytes) }
  func log(_ level: ScriptLogLevel, _ message: String) {
    StandardStream.error.write(message.withoutControlCharacters + "\n")
  }
  func report(_ table: ReportTable) {
    StandardStream.error.write(TextTable(columns: table.columns, rows: table.rows, indent: "").text)
  }
  func report(markdown text: String) { StandardStream.error.write(text + "\n") }
  func report(value: Document) { StandardStream.error.write(value.jsonText + "\n") }
}

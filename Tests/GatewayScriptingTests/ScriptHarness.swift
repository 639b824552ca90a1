import GatewayAPI
import GatewayClient
import GatewayScripting
import GatewaySigning
import GatewayTransport
import LocalGateway
import LuaRuntime
import ReleaseEngine
import Synchronization
import Testing

/// Keeps what a script writes.
final class KeptOutput: ScriptOutput {
  private let kept = Mutex<[String]>([])

  var lines: [String] { kept.withLock { $0 } }

  private func keep(_ line: String) { kept.withLock { $0.append(line) } }

  func print(_ text: LuaString) { keep(text.description) }
  func log(_ level: ScriptLogLevel, _ message: String) { keep("\(level.rawValue): \(message)") }
  func report(_ table: ReportTable) {
    keep(([table.columns] + table.rows).map { $0.joined(separator: "|") }.joined(separator: "\n"))
  }
  func report(markdown text: String) { keep(text) }
  func report(value: Document) { keep(value.jsonText) }
  func note(_ event: ScriptEvent) { keep("\(event)") }
}

/// Scripts on a real local gateway with the demo project, held in memory.
struct ScriptHarness: Sendable {
  let client: GatewayClient
  let run: ReleaseRun
  /// Of the gateway, and where it serves what is published.
  var url = ""
  let output = KeptOutput()
  var surroundings = ScriptSurroundings()
  var recorder = RunRecorder()

  /// - Parameters:
  ///   - gateway: changes how the local gateway is set up.
  ///   - client: changes how it is turned to.
  ///   - run: changes how the run goes about it.
  static func with<Value: Sendable>(
    gateway: @Sendable (inout LocalGatewayConfiguration) throws -> Void = { _ in },
    client change: @escaping @Sendable (inout GatewayClientConfiguration) -> Void = { _ in },
    run: ReleaseRun.Configuration = ReleaseRun.Configuration(),
    _ body: @escaping @Sendable (ScriptHarness) async throws -> Value
  ) async throws -> Value {
    var configuration = LocalGatewayConfiguration(storage: .memory)
    try gateway(&configuration)
    return try await withLocalGateway(configuration) { url in
      var configuration = GatewayClientConfiguration(
        endpoint: url, address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "local"),
        credentials: GatewayAuthentication.accessKey(LocalGatewayConfiguration.demoCredential), gatewayName: "local")
      change(&configuration)
      let client = try GatewayClient(configuration: configuration)
      let result: Result<Value, any Error>
      do {
        let run = ReleaseRun(gateway: client, configuration: run)
        result = .success(try await body(ScriptHarness(client: client, run: run, url: url)))
      } catch { result = .failure(error) }
      await client.shutdown()
      return try result.get()
    }
  }

  /// With requests to other servers, of which the gateway's published APIs are one; time is virtual.
  static func withWeb(
    faults: [String] = [], _ body: @escaping @Sendable (ScriptHarness, VirtualClock) async throws -> Void
  ) async throws {
    let clock = VirtualClock()
    try await with(gateway: { $0.faults = try faults.map { try FaultRule($0) } }) { harness in
      var harness = harness.going(by: clock)
      let web = try WebClient(HTTPTransportConfiguration())
      let url = harness.url
      harness.surroundings.send = { try await web.send($0) }
      harness.surroundings.dataPlane = { url }
      let result: Result<Void, any Error>
      do { result = .success(try await body(harness, clock)) } catch { result = .failure(error) }
      await web.shutdown()
      try result.get()
    }
  }

  func context(
    arguments: [String] = [], environment: String? = nil, mode: ScriptContext.Mode = .run
  ) -> ScriptContext {
    ScriptContext(
      mode: mode,
      facts: RunFacts(
        id: "r-test", user: "tester", startedAt: "2026-11-20T10:00:00Z", gateway: "local", environment: environment),
      parameters: ParameterValues(arguments: arguments), output: output, recorder: recorder,
      surroundings: surroundings
    ) { name in
      guard name == nil || name == "local" else {
        throw GatewayError(kind: .usage, message: "there is no gateway '\(name ?? "")'")
      }
      return run
    }
  }

  /// Runs a script and returns its value.
  @discardableResult
  func callAsFunction(
    _ script: String, arguments: [String] = [], environment: String? = nil
  ) async throws -> Document {
    try await ScriptRunner().run(
      LuaChunk(name: "test.lua", source: Array(script.utf8)),
      in: context(arguments: arguments, environment: environment))
  }
}

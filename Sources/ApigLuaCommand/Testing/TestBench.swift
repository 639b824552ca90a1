internal import Foundation
internal import GatewayAPI
internal import GatewayScripting
internal import ReleaseEngine

/// The gateways and runs of one spec file. What it keeps lies in a folder that is removed with it.
actor TestBench {
  private struct Trial {
    let talk: TrialTalk
    let task: Task<Void, Never>
  }

  private let folder: URL
  /// Where scripts are looked for.
  private let scriptFolders: [String]
  private let permissions: Permissions
  private let coverage: TestCoverage?
  private var gateways: [TestGateway] = []
  private var opened = 0
  private var before: [String: GatewayContents] = [:]
  private var waitingFaults: [String: [(check: Int, rule: String)]] = [:]
  private var trials: [Int: Trial] = [:]
  private var begun = 0

  /// - Parameters:
  ///   - permissions: what the command line of the tests allows.
  ///   - coverage: hears which lines the runs ran.
  init(scriptFolders: [String], permissions: Permissions, coverage: TestCoverage?) {
    self.scriptFolders = scriptFolders
    self.permissions = permissions
    self.coverage = coverage
    folder = FileManager.default.temporaryDirectory.appending(path: "apig-lua-test-\(UUID().uuidString)")
  }

  /// Ends whatever is left.
  func close() async {
    for trial in trials.values {
      trial.task.cancel()
      trial.talk.close()
      await trial.task.value
    }
    trials = [:]
    await close(behind: 0)
    try? FileManager.default.removeItem(at: folder)
  }

  // MARK: - Gateways

  /// How many gateways there are.
  var count: Int { gateways.count }

  func open(_ options: Document) async throws -> TestGateway {
    opened += 1
    let name = "test-\(opened)"
    let gateway = try await TestGateway.start(
      named: name, options, in: folder.appending(path: name).path, permissions: permissions, coverage: coverage)
    gateways.append(gateway)
    before[name] = try await gateway.contents()
    return gateway
  }

  /// Stops the gateways that were opened behind the first so many.
  func close(behind count: Int) async {
    while gateways.count > count { await gateways.removeLast().stop() }
  }

  /// - Throws: ``GatewayError`` of kind `usage` for one that is none, or that ended with its test.
  func gateway(_ name: String?) throws -> TestGateway {
    guard let gateway = gateways.first(where: { $0.name == name }) else {
      throw GatewayError(
        kind: .usage,
        message: name.map { "there is no gateway '\($0)': a test's gateways end with it" }
          ?? "a spec has no gateway of its own",
        hint: "t.gateway{…} opens one, and its methods are the operations: gw:publish{…}")
    }
    return gateway
  }

  /// What a gateway held before its last run, or at its beginning.
  func contentsBefore(_ name: String) throws -> GatewayContents { before[name] ?? GatewayContents(.null) }

  func fault(_ name: String, _ rule: String, fromCheck check: Int?) async throws {
    let gateway = try gateway(name)
    guard let check else { return try await gateway.fault(rule) }
    waitingFaults[name, default: []].append((check, rule))
  }

  func clearFaults(_ name: String) async throws {
    waitingFaults[name] = nil
    try await gateway(name).clearFaults()
  }

  /// Puts in the faults that were to wait for so many health checks.
  private func armFaults(_ name: String, finishedChecks: Int) async throws {
    let due = waitingFaults[name]?.filter { $0.check <= finishedChecks + 1 } ?? []
    waitingFaults[name]?.removeAll { $0.check <= finishedChecks + 1 }
    for fault in due { try await gateway(name).fault(fault.rule) }
  }

  // MARK: - Runs

  /// - Returns: what ``next(_:)`` is called with.
  func begin(_ options: Document) async throws -> Int {
    let gateway = try gateway(options["gateway"]?.stringValue)
    let request = try TrialRequest(options, folders: scriptFolders)
    if request.kind == .run { before[gateway.name] = try await gateway.contents() }
    let talk = TrialTalk()
    let trial = PlaybookTrial(gateway: gateway, request: request, talk: talk) {
      try await self.armFaults(gateway.name, finishedChecks: $0)
    }
    begun += 1
    // Unstructured: the test has a word while it goes on; `close` ends it.
    let task = Task {
      do { talk.end(.success(try await trial.run())) } catch { talk.end(.failure(error)) }
    }
    trials[begun] = Trial(talk: talk, task: task)
    return begun
  }

  func plan(_ options: Document) async throws -> Document {
    let gateway = try gateway(options["gateway"]?.stringValue)
    return try await PlanTrial(gateway: gateway, request: TrialRequest(options, folders: scriptFolders)).make()
  }

  /// What a run has to say next.
  func next(_ token: Int) async throws -> TrialTalk.Event {
    guard let trial = trials[token] else { throw CancellationError() }
    let event = await trial.talk.next()
    if case .ended = event { trials[token] = nil }
    return event
  }

  func goOn(_ token: Int) { trials[token]?.talk.goOn() }
}

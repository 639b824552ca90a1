internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// `apig.health.http`: probes of a URL. Its result is written down, not each probe.
struct HealthLibrary: Sendable {
  let context: ScriptContext

  var functions: [LuaHostFunction] {
    [.recorded("health_http") { call in [try await probe(call[0])] }]
  }

  private func probe(_ table: LuaValue) async throws -> LuaValue {
    try context.beforeGatewayCall()
    let options = try CallOptions(table.replacingSecrets(SecretText.mark), of: .healthHTTP)
    let target = try WebTarget(options, table, in: context)
    let expectation = try HealthExpectation(options)
    let headers = try options.headers()
    let timeout = try options.duration("timeout") ?? .seconds(10)
    let every = try options.duration("every") ?? .seconds(1)
    var arguments = expectation.document.merging(target.document) { _, own in own }
    arguments["headers"] = .array(headers.map { .string($0.name.lowercased()) })
    arguments["every"] = .number(every.seconds)
    let call = RecordedCall("health.http", .object(arguments), title: "probe \(target.shown)")
    // No probe is sent then: only here a plan can tell that the run would be refused.
    if context.mode == .plan { _ = try await target.permitted() }
    let numbers = try await context.recorder.carryOut(call) { _ in
      let opened = try CallOptions(await context.opened(table), of: .healthHTTP)
      let request = WebRequest(
        url: try await target.permitted(), headers: try opened.headers(), timeout: timeout)
      var series = HealthSeries(expectation)
      while !series.isDecided {
        if series.count > 0 { try await context.surroundings.sleep(every) }
        series.add(try await sample(request, expectation))
        context.output.note(.probed(name: target.shown, count: series.count, total: expectation.samples))
      }
      context.output.note(
        .healthChecked(name: target.shown, text: series.summary, isGood: series.complaint == nil))
      if let complaint = series.complaint {
        throw GatewayError(
          kind: .healthCheck, message: "GET \(target.shown): \(complaint)", hint: series.firstFailure,
          measured: series.document)
      }
      return series.document
    }
    return LuaValue(numbers)
  }

  private func sample(_ request: WebRequest, _ expectation: HealthExpectation) async throws -> HealthSample {
    let begin = ContinuousClock.now
    let time = context.recorder.currentTime
    do {
      let answer = context.openedSecrets.closed(try await context.surroundings.send(request))
      return HealthSample(
        time: time, duration: .now - begin, status: answer.status, failure: expectation.failure(of: answer))
    } catch let error as GatewayError where error.kind == .unavailable || error.kind == .timeout {
      return HealthSample(
        time: time, duration: .now - begin, status: nil, failure: context.openedSecrets.closed(error).message)
    }
  }
}

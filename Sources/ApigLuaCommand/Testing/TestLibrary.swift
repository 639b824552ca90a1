internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime

/// The host functions behind the module `apig.test`.
struct TestLibrary: Sendable {
  let bench: TestBench
  /// Hears of each test's end.
  let onResult: @Sendable (SpecResult) -> Void

  static let moduleName = TestDeclarations.moduleName

  var module: LuaModule {
    LuaModule(
      name: Self.moduleName, functions: gateways + runs + results,
      prelude: String(decoding: PackageResources.test_lua, as: UTF8.self), isGlobal: false)
  }

  private var gateways: [LuaHostFunction] {
    [
      function("mark") { _ in .integer(Int64(await bench.count)) },
      function("close") { call in
        await bench.close(behind: call[0].integerValue.map { Int($0) } ?? 0)
        return .null
      },
      function("open_gateway") { call in
        let gateway = try await bench.open(try Document(call[0]))
        return ["name": .string(gateway.name), "url": .string(gateway.url)]
      },
      function("fault") { call in
        try await bench.fault(
          call[0].stringValue ?? "", call[1].stringValue ?? "", fromCheck: call[2].integerValue.map { Int($0) })
        return .null
      },
      function("clear_faults") { call in
        try await bench.clearFaults(call[0].stringValue ?? "")
        return .null
      },
      function("url") { call in
        .string(
          try await bench.gateway(call[0].stringValue).address(
            of: call[1].stringValue ?? "", answer: call[2].stringValue))
      },
      function("snapshot") { call in
        let name = call[0].stringValue ?? ""
        let contents =
          call[2].stringValue == "before"
          ? try await bench.contentsBefore(name) : try await bench.gateway(name).contents()
        return try contents.snapshot(of: call[1].stringValue ?? "")
      },
      function("state") { call in try await bench.gateway(call[0].stringValue).contents().shape },
      function("requests") { call in try await bench.gateway(call[0].stringValue).requests(call[1].stringValue) },
      function("now") { call in .string(try await bench.gateway(call[0].stringValue).time.now().text) },
      function("advance") { call in
        let text = call[1].stringValue ?? ""
        guard let duration = Duration(text: text) else {
          throw GatewayError(kind: .usage, message: "'\(text)' is no duration", hint: "for example 90s or 2h")
        }
        try await bench.gateway(call[0].stringValue).time.advance(by: duration)
        return .null
      },
    ]
  }

  private var runs: [LuaHostFunction] {
    [
      function("begin_run") { call in .integer(Int64(try await bench.begin(try Document(call[0])))) },
      function("plan") { call in try await bench.plan(try Document(call[0])) },
      function("next_event") { call in
        switch try await bench.next(call[0].integerValue.map { Int($0) } ?? 0) {
        case .waiting(let seconds, let reason):
          return ["seconds": .number(seconds), "reason": reason.map(Document.string) ?? .null]
        case .ended(let result): return ["result": try result.get()]
        }
      },
      function("go_on") { call in
        await bench.goOn(call[0].integerValue.map { Int($0) } ?? 0)
        return .null
      },
    ]
  }

  private var results: [LuaHostFunction] {
    let start = ContinuousClock.now
    return [
      .sync("option_names") { _ in [optionNames] },
      .sync("seconds") { _ in [.number((ContinuousClock.now - start) / .seconds(1))] },
      .sync("report") { call in
        onResult(SpecResult(call[0]))
        return []
      },
    ]
  }

  private var optionNames: LuaValue {
    var table = LuaTable()
    for (name, options) in TestDeclarations.optionNames {
      table[name] = .table(LuaTable(sequence: options.map { .text($0) }))
    }
    return .table(table)
  }

  /// A function that answers with one value. What it throws is an error of whoever wrote the spec.
  private func function(
    _ name: String, _ body: @escaping @Sendable (LuaCall) async throws -> Document
  ) -> LuaHostFunction {
    .async(name) { call in
      do {
        return [LuaValue(try await body(call))]
      } catch let error as UsageError {
        throw GatewayError(kind: .usage, message: error.message, hint: error.hint)
      } catch let error as NoJSONForm {
        throw GatewayError(kind: .usage, message: "bad options: \(error.path) is \(error.reason)")
      } catch let error as ParameterError {
        throw GatewayError(kind: .usage, message: error.message, hint: error.hint)
      }
    }
  }
}

internal import GatewayAPI
internal import LuaRuntime

/// The host functions by which the code of one state has another's run.
struct PackageLibrary: Sendable {
  /// Of a prelude: no script can require it.
  private static let moduleName = "[packages]"
  /// The whole life of a package's state; its own code finds nothing of that.
  static let serving = """
    local serve = _G["\(moduleName)"].serve
    _G["\(moduleName)"] = nil
    serve()
    """

  let states: PackageStates
  /// The state that these functions are for.
  let state: String
  /// Whether others call its code; else it is the run's own script.
  let isCalled: Bool

  var module: LuaModule {
    LuaModule(
      name: Self.moduleName, functions: functions,
      prelude: String(decoding: PackageResources.packages_lua, as: UTF8.self), isGlobal: isCalled)
  }

  private var functions: [LuaHostFunction] {
    [
      .sync("needs_server") { _ in [.boolean(states.needsServer(state))] },
      states.guarding(
        .sync("package_life") { call in
          [try states.life(ofModule: call[0].stringValue ?? "", for: state).map(LuaValue.integer) ?? .nil]
        }, of: state, isCalled: isCalled),
      states.guarding(
        .async("load_module") { call in
          let module = call[0].stringValue ?? ""
          let (life, answer) = try await states.load(
            module, for: state, from: call.branch, canSuspend: call[1] == true)
          var table = try table(answer, of: module, at: call.location)
          table["life"] = .integer(life)
          return [.table(table)]
        }, of: state, isCalled: isCalled),
      states.guarding(
        .async("call_function") { call in
          let (owner, answer) = try await states.call(
            call[0], call[1], count: call[2].integerValue ?? 0, by: state, branch: try branch(call[3], of: call),
            canSuspend: call[4] == true)
          return [.table(try table(answer, of: owner, at: call.location))]
        }, of: state, isCalled: isCalled),
      .async("next_call") { call in
        let forgotten = call[0].tableValue?.sequence.compactMap(\.integerValue) ?? []
        return await states.next(for: state, forgotten: forgotten).map { [value($0)] } ?? []
      },
      .async("answer_call") { call in
        let answer: PackageStates.Answer =
          call[1] == true ? .values(call[2], count: call[3].integerValue ?? 0) : .failure(call[2])
        try await states.answer(call[0].integerValue ?? 0, with: answer, by: state)
        return []
      },
      .async("release") { call in
        let functions = (call[0].tableValue?.sequence ?? []).map { item in
          (function: item.tableValue?["reference"] ?? .nil, count: item.tableValue?["count"].integerValue ?? 0)
        }
        return [.table(LuaTable(sequence: await states.release(functions, by: state).map(LuaValue.boolean)))]
      },
    ]
  }

  /// The branch that a call is to have: a part of its caller's.
  private func branch(_ value: LuaValue, of call: LuaCall) throws(GatewayError) -> String {
    guard let branch = value.stringValue, branch.hasPrefix(call.branch + "/"),
      branch.dropFirst(call.branch.count + 1).wholeMatch(of: /[0-9]+\.[0-9]+/) != nil
    else { throw AskedBranches.noPlace }
    return branch
  }

  private func value(_ news: PackageStates.News) -> LuaValue {
    var table = LuaTable()
    switch news {
    case .request(let request):
      table["id"] = .integer(request.id)
      table["branch"] = .text(request.branch)
      switch request.work {
      case .load(let module): table["module"] = .text(module)
      case .call(let function, let arguments, let count):
        table["number"] = .integer(function)
        table["arguments"] = arguments
        table["count"] = .integer(count)
      }
    case .released(let releases):
      let items = releases.map { release in
        LuaValue.table(
          LuaTable(sequence: [
            .integer(release.number), .integer(release.sent), .integer(release.returned),
          ]))
      }
      table["released"] = .table(LuaTable(sequence: items))
    }
    return .table(table)
  }

  /// - Parameters:
  ///   - what: the package or module that was called.
  ///   - place: where the call was made.
  private func table(_ answer: PackageStates.Answer, of what: String, at place: LuaLocation?) throws -> LuaTable {
    var table = LuaTable()
    switch answer {
    case .values(let values, let count):
      table["values"] = values
      table["count"] = .integer(count)
    case .failure(var problem):
      if case .table(let error) = problem {
        let told = error.called(what.isEmpty ? "the script" : what, at: place)
        if let crossed = CrossedError(told) { throw crossed }
        problem = .table(told)
      }
      table["failed"] = true
      table["error"] = problem
    }
    return table
  }
}

internal import GatewayAPI
internal import LuaRuntime
internal import Synchronization

/// The Lua states of a run, and the calls between them: the script's state, and one for each package.
///
/// A state is known by its package's name, that of a script of no package by the empty one. What one asks of another is
/// checked here, for the process of an isolated package may say what it likes.
///
/// A package whose work nobody waits for any more comes to its end; in a session the next call of it makes a new state.
actor PackageStates {
  static let script = ""
  /// Deepest nesting of tasks and calls, and the longest name of such a place in bytes.
  private static let (maximumDepth, longestBranch) = (200, 4096)

  private struct OpenRequest {
    let request: Request
    let target: String
    let answer: CheckedContinuation<Answer, any Error>
  }

  private struct State {
    /// Tells it from those that bore its name before.
    let life: Int64
    /// Requests that nobody has taken yet.
    var requests: [Request] = []
    var released: [FunctionHoldings.Release] = []
    var server: (id: Int64, continuation: CheckedContinuation<News?, Never>)?
    /// Branches for whose end its thread waits, so that nothing else of it can run; and how often it does.
    var blocking: [String: Int] = [:]
    /// Bytes of what it has handed over and is not answered yet.
    var handedOver = 0
    var engine: Task<Void, Never>?
    /// Whether it is on the way to its end, because nobody waits for what it does.
    var isStopping = false
    /// Why it runs nothing any more.
    var end: (any Error)?
  }

  typealias Engine = @Sendable (ScriptPackage, PackageStates) async throws -> any LuaRunner

  private struct ModuleKey: Hashable {
    let package: String
    let module: String
  }

  nonisolated let asked: AskedBranches
  private nonisolated let hostErrors = HostErrors()
  private let packages: any ScriptPackages
  private let script: String
  private let memory: Int
  private let makeEngine: Engine
  private var states: [String: State]
  private var open: [Int64: OpenRequest] = [:]
  private var loads: [ModuleKey: Task<Answer, any Error>] = [:]
  private var waits = LoadWaits()
  private var holdings = FunctionHoldings()
  private var moduleFields: [FunctionReference: ModuleField] = [:]
  private var lastID: Int64 = 0
  private var lastLife: Int64 = 0
  private var isClosed = false
  /// States whose requests are being taken; beside the actor, for it is asked at once.
  private nonisolated let served = Mutex<Set<String>>([])
  /// The secrets that each state may name: those that it opened, and that were in what it was given.
  private nonisolated let secrets = Mutex<[String: Set<String>]>([:])
  /// The states that there are, for the same reason.
  private nonisolated let lives = Mutex<[String: Int64]>([:])

  /// - Parameters:
  ///   - packages: those that may be used.
  ///   - script: the name of the script's own state.
  ///   - memory: bytes that each state may have on the way to others at once.
  ///   - makeEngine: makes the engine of a package.
  init(_ packages: any ScriptPackages, script: String, memory: Int, makeEngine: @escaping Engine) {
    self.packages = packages
    self.script = script
    self.memory = memory
    asked = AskedBranches(script: script)
    states = [script: State(life: 0)]
    self.makeEngine = makeEngine
  }

  // MARK: - What states ask for

  /// What `require` returns in a package's own state.
  ///
  /// - Parameters:
  ///   - branch: of the task that requires it.
  ///   - canSuspend: whether other tasks of the requirer can run meanwhile.
  /// - Returns: the answer, and which state it is of.
  /// - Throws: `GatewayError` of kind `usage`; `LuaStop` when the package's state is at its end.
  func load(
    _ module: String, for requirer: String, from branch: String, canSuspend: Bool
  ) async throws -> (life: Int64, answer: Answer) {
    guard let name = ScriptPackage.name(ofModule: module),
      try packages.contains(name, for: requirer == Self.script ? nil : requirer)
    else { throw Self.usage("there is no package of module '\(module)'") }
    let answer = try await loaded(module, of: name, for: requirer, from: branch, canSuspend: canSuspend)
    return (states[name]?.life ?? 0, try crossing(answer, from: name, to: requirer))
  }

  /// What a module returned in its package's own state.
  private func loaded(
    _ module: String, of name: String, for requirer: String, from branch: String, canSuspend: Bool
  ) async throws -> Answer {
    let wait = try waits.begin(module, from: branch)
    defer { waits.end(wait) }
    let place = LoadWaits.branch(of: module)
    if !canSuspend { block(requirer, on: place) }
    defer { if !canSuspend { unblock(requirer, on: place) } }
    if states[name] == nil { start(try await packages.package(name)) }
    // Whoever comes first: what a module does while it is loaded stands in one place.
    let key = ModuleKey(package: name, module: module)
    let loading =
      loads[key] ?? Task { try await perform(.load(module: module), by: name, for: requirer, branch: place) }
    loads[key] = loading
    let answer: Answer
    do {
      answer = try await withTaskCancellationHandler {
        try await loading.value
      } onCancel: {
        loading.cancel()
      }
    } catch {
      if loads[key] == loading { loads[key] = nil }
      throw error
    }
    guard case .values(let values, _) = answer, let life = states[name]?.life else {
      if loads[key] == loading { loads[key] = nil }
      return answer
    }
    for (function, field) in ModuleField.functions(in: values, of: module, owner: name, life: life) {
      holdings.keep(function)
      moduleFields[function] = field
    }
    return answer
  }

  /// Calls a function of another state.
  ///
  /// - Parameters:
  ///   - callee: the function, as the caller has it.
  ///   - branch: where what the function does stands in the journal.
  ///   - canSuspend: whether other tasks of the caller can run meanwhile.
  /// - Throws: `GatewayError` of kind `usage`; `LuaStop` when the owner's state is at its end.
  func call(
    _ callee: LuaValue, _ arguments: LuaValue, count: Int64, by caller: String, branch: String, canSuspend: Bool
  ) async throws -> (owner: String, answer: Answer) {
    guard let table = callee.tableValue, var function = reference(table, of: caller), function.owner != caller else {
      throw Self.usage("what is called is no function of another")
    }
    try requireHeld(function, by: caller)
    if !canSuspend { block(caller, on: branch) }
    defer { if !canSuspend { unblock(caller, on: branch) } }
    if states[function.owner]?.life != function.life {
      function = try await found(function, for: caller, from: branch, canSuspend: canSuspend)
    }
    let owner = function.owner
    let arguments = try crossing(arguments, from: caller, to: owner)
    let answer = try await perform(
      .call(function: function.number, arguments: arguments, count: count), by: owner, for: caller, branch: branch)
    return (owner, try crossing(answer, from: owner, to: caller))
  }

  /// The same function of a package that began anew.
  private func found(
    _ function: FunctionReference, for caller: String, from branch: String, canSuspend: Bool
  ) async throws -> FunctionReference {
    let owner = function.owner
    guard let field = moduleFields[function], owner != script else {
      throw Self.usage(
        "\(Self.title(owner)) began anew, and what it gave before is gone",
        hint: "get it again: what a module returns may be called on, what its functions returned may not")
    }
    let answer = try await loaded(field.module, of: owner, for: caller, from: branch, canSuspend: canSuspend)
    guard case .values(let values, _) = answer, let table = field.value(in: values).tableValue,
      let function = reference(table, of: owner), function.owner == owner
    else { throw Self.usage("\(owner) began anew, and has no such function any more") }
    return function
  }

  /// The life of a package's state; 0 when it has not begun; nil when there is no such package for the requirer.
  nonisolated func life(ofModule module: String, for requirer: String) throws -> Int64? {
    guard let name = ScriptPackage.name(ofModule: module), name != requirer,
      try packages.contains(name, for: requirer == Self.script ? nil : requirer)
    else { return nil }
    return lives.withLock { $0[name] ?? 0 }
  }

  /// Whether nobody takes the requests to a state yet; who asks is to do so.
  nonisolated func needsServer(_ state: String) -> Bool { served.withLock { $0.insert(state).inserted } }

  /// What a state hears next, once there is something; nil at the end.
  ///
  /// - Parameter forgotten: numbers of functions that it has let go of.
  func next(for name: String, forgotten: [Int64]) async -> News? {
    if let life = states[name]?.life {
      for number in forgotten { holdings.forget(FunctionReference(owner: name, life: life, number: number)) }
    }
    if let news = takeNews(of: name) { return news }
    lastID += 1
    let id = lastID
    let news: News? = await withTaskCancellationHandler {
      await withCheckedContinuation { server in
        guard !isClosed, !Task.isCancelled, states[name] != nil, states[name]?.server == nil else {
          return server.resume(returning: nil)
        }
        states[name]?.server = (id, server)
      }
    } onCancel: {
      Task { await self.dismissServer(id, of: name) }
    }
    if news == nil { served.withLock { _ = $0.remove(name) } }
    return news
  }

  /// Releases come first: the requests behind them may bring the same functions again.
  private func takeNews(of name: String) -> News? {
    guard let state = states[name] else { return nil }
    if !state.released.isEmpty {
      states[name]?.released = []
      return .released(state.released)
    }
    guard let first = state.requests.first else { return nil }
    states[name]?.requests.removeFirst()
    return .request(first)
  }

  private func wakeServer(of name: String) {
    guard let server = states[name]?.server, let news = takeNews(of: name) else { return }
    states[name]?.server = nil
    server.continuation.resume(returning: news)
  }

  /// Takes what a request came to; one that nobody waits for any more came to nothing.
  ///
  /// - Throws: `GatewayError` of kind `usage` for a request to another state.
  func answer(_ id: Int64, with answer: Answer, by name: String) throws {
    guard let request = open[id] else { return }
    guard request.target == name else { throw Self.usage("that request is another's") }
    open[id] = nil
    request.answer.resume(returning: answer)
  }

  /// Takes back functions of others that a state holds no more, each with how often it received it.
  ///
  /// - Returns: for each, whether none of it is on its way to the state.
  func release(_ functions: [(function: LuaValue, count: Int64)], by holder: String) -> [Bool] {
    functions.map { value, count in
      guard let function = value.tableValue.flatMap({ reference($0, of: holder) }) else { return true }
      let (isOver, release) = holdings.release(function, by: holder, received: count)
      if let release { tell(function.owner, release, life: function.life) }
      return isOver
    }
  }

  private func tell(_ owner: String, _ release: FunctionHoldings.Release, life: Int64) {
    guard states[owner]?.life == life else { return }
    states[owner]?.released.append(release)
    wakeServer(of: owner)
  }

  /// A host function as a package's code has it: it does something only where it was asked to.
  ///
  /// - Parameter isCalled: whether others call that code; else it is the run's own script.
  nonisolated func guarding(_ function: LuaHostFunction, of state: String, isCalled: Bool = true) -> LuaHostFunction {
    function.wrapped { [asked] call, carryOut in
      if isCalled { try asked.require(state, in: call.branch) }
      return try self.noting(call, Result { try carryOut(call) }, of: state)
    } async: { [asked] call, carryOut in
      if isCalled { try asked.begin(state, in: call.branch) }
      defer { if isCalled { asked.end(state) } }
      let result: Result<[LuaValue], any Error>
      do { result = .success(try await carryOut(call)) } catch { result = .failure(error) }
      return try self.noting(call, result, of: state)
    }
  }

  /// Takes note of what the host said to a state, and of the secrets that it may name since.
  private nonisolated func noting(
    _ call: LuaCall, _ result: Result<[LuaValue], any Error>, of state: String
  ) throws -> [LuaValue] {
    switch result {
    case .success(let results):
      switch call.function {
      case "find_secret": allow(Set([call[0].stringValue].compactMap(\.self)), in: state)
      case "params": allow(results.reduce(into: []) { $0.formUnion($1.secretNames) }, in: state)
      default: break
      }
    case .failure(let error): hostErrors.note(error, in: state)
    }
    return try result.get()
  }

  private nonisolated func allow(_ names: Set<String>, in state: String) {
    secrets.withLock { $0[state, default: []].formUnion(names) }
  }

  // MARK: - Requests

  private func perform(
    _ work: Request.Work, by target: String, for caller: String, branch: String
  ) async throws -> Answer {
    if let end = states[target]?.end { throw LuaStop(end) }
    if states[target]?.isStopping ?? true { throw CancellationError() }
    guard branch.utf8.count <= Self.longestBranch,
      branch.utf8.count(where: { $0 == UInt8(ascii: "/") }) <= Self.maximumDepth
    else { throw Self.usage("calls between packages are nested too deep (at most \(Self.maximumDepth))") }
    guard !isBlocked(target, under: branch) else {
      throw Self.usage(
        "\(Self.title(target)) cannot be called back now: it waits where nothing else of it can run",
        hint: "it made the call inside table.sort or string.gsub; make it before")
    }
    let weight = work.weight
    states[caller]?.handedOver += weight
    defer { states[caller]?.handedOver -= weight }
    if let all = states[caller]?.handedOver, all > memory {
      throw LuaStop(
        LuaError(
          code: .limit, message: "the memory limit of \(memory) bytes was reached by what is on its way to packages",
          limit: .memory))
    }
    try asked.enter(branch, by: target)
    defer { asked.leave(branch) }
    lastID += 1
    let request = Request(id: lastID, work: work, branch: branch)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard !isClosed, !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
        open[request.id] = OpenRequest(request: request, target: target, answer: continuation)
        states[target]?.requests.append(request)
        wakeServer(of: target)
      }
    } onCancel: {
      Task { await self.giveUp(request.id) }
    }
  }

  /// Nobody waits for a request any more. What is at work on it must not go on: what it changed would be nobody's.
  private func giveUp(_ id: Int64) {
    guard let request = open.removeValue(forKey: id) else { return }
    if let index = states[request.target]?.requests.firstIndex(where: { $0.id == id }) {
      states[request.target]?.requests.remove(at: index)
    } else {
      stop(request.target)
    }
    request.answer.resume(throwing: CancellationError())
  }

  /// - Parameter id: of the one that is meant; nil: whoever it is.
  private func dismissServer(_ id: Int64? = nil, of name: String) {
    guard let server = states[name]?.server, id == nil || server.id == id else { return }
    states[name]?.server = nil
    server.continuation.resume(returning: nil)
  }

  private func block(_ state: String, on branch: String) { states[state]?.blocking[branch, default: 0] += 1 }

  private func unblock(_ state: String, on branch: String) {
    guard let count = states[state]?.blocking[branch] else { return }
    states[state]?.blocking[branch] = count > 1 ? count - 1 : nil
  }

  private func isBlocked(_ name: String, under branch: String) -> Bool {
    guard let blocking = states[name]?.blocking, !blocking.isEmpty else { return false }
    let waiting = waits.waiting(for: branch)
    return blocking.keys.contains { blocked in waiting.contains { $0 == blocked || $0.hasPrefix("\(blocked)/") } }
  }

  // MARK: - What crosses

  private func crossing(_ answer: Answer, from source: String, to target: String) throws -> Answer {
    switch answer {
    case .values(let values, let count): .values(try crossing(values, from: source, to: target), count: count)
    case .failure(let value): .failure(try crossing(value, from: source, to: target))
    }
  }

  /// A value on its way: functions of the target come home, others are given to it.
  private func crossing(_ value: LuaValue, from source: String, to target: String) throws -> LuaValue {
    guard case .table(var table) = value else { return value }
    if table.className == FunctionReference.className { return try crossing(table, from: source, to: target) }
    if table.className == SecretText.className { try pass(value.namesInside, from: source, to: target) }
    if let name = table.className {
      // The rest of a list is its own state's to read.
      table["cursor"] = .nil
      if name.hasPrefix(RecordClasses.unreadPrefix) {
        table.className = String(name.dropFirst(RecordClasses.unreadPrefix.count))
      }
      if name == "error", source != script { table = hostErrors.checked(table, from: source) }
    }
    for index in table.sequence.indices {
      table.sequence[index] = try crossing(table.sequence[index], from: source, to: target)
    }
    for index in table.fields.indices {
      table.fields[index].value = try crossing(table.fields[index].value, from: source, to: target)
    }
    return .table(table)
  }

  private func crossing(_ table: LuaTable, from source: String, to target: String) throws -> LuaValue {
    guard let function = reference(table, of: source) else { throw Self.usage("what is handed over is no function") }
    try requireHeld(function, by: source)
    let isOwn = function.owner == source
    if function.owner == target, function.life == states[target]?.life {
      holdings.note(returned: function)
      return .table(function.ownTable)
    }
    if isOwn { holdings.note(sent: function) }
    holdings.give(function, to: target)
    return .table(function.foreignTable)
  }

  /// A package names only secrets that it opened or was given: whoever gets the names may have more rights.
  private func pass(_ secrets: Set<String>, from source: String, to target: String) throws(GatewayError) {
    let known = self.secrets.withLock { $0[source] ?? [] }
    if source != Self.script, let name = secrets.subtracting(known).sorted().first {
      throw Self.usage("\(source) hands over the secret '\(name)', which it was not given")
    }
    allow(secrets, in: target)
  }

  private func reference(_ table: LuaTable, of holder: String) -> FunctionReference? {
    FunctionReference(table, heldBy: holder, life: states[holder]?.life ?? 0)
  }

  private func requireHeld(_ function: FunctionReference, by state: String) throws(GatewayError) {
    let isOwn = function.owner == state && function.life == states[state]?.life
    guard isOwn || holdings.isHeld(function, by: state) else {
      throw Self.usage("\(Self.title(state)) was not given that function")
    }
  }

  // MARK: - Engines

  private func start(_ package: ScriptPackage) {
    let name = package.name
    guard states[name] == nil else { return }
    lastLife += 1
    var state = State(life: lastLife)
    lives.withLock { [lastLife] in $0[name] = lastLife }
    state.engine = Task {
      do {
        let engine = try await makeEngine(package, self)
        _ = try await engine.run(LuaChunk(name: name, source: PackageLibrary.serving), arguments: [])
        ended(name, nil)
      } catch { ended(name, error) }
    }
    states[name] = state
  }

  private func stop(_ name: String) {
    guard name != script, states[name]?.isStopping == false, states[name]?.end == nil else { return }
    states[name]?.isStopping = true
    asked.stop(name)
    states[name]?.engine?.cancel()
  }

  private func ended(_ name: String, _ error: (any Error)?) {
    var reason = error ?? LuaError(code: .internalFailure, message: "its state has come to its end")
    if var error = reason as? LuaError {
      error.message = "\(name): \(error.message)"
      reason = error
    }
    states[name]?.end = reason
    let isCancelled = isClosed || states[name]?.isStopping ?? false
    for (id, request) in open where request.target == name {
      open[id] = nil
      request.answer.resume(throwing: isCancelled ? CancellationError() : LuaStop(reason))
    }
  }

  /// Waits for the packages that are on the way to their end, or do something that nobody asked for, and forgets them:
  /// who calls them next gets new ones.
  ///
  /// - Returns: their names.
  func settle() async -> [String] {
    for name in states.keys where asked.hasCalls(name) { stop(name) }
    // Who took its requests ended with its piece, whatever it was told last.
    served.withLock { _ = $0.remove(script) }
    var names: [String] = []
    while let (name, state) = states.first(where: { $0.value.isStopping || $0.value.end != nil }) {
      await state.engine?.value
      names.append(name)
      asked.forget(name)
      lives.withLock { $0[name] = nil }
      secrets.withLock { $0[name] = nil }
      served.withLock { _ = $0.remove(name) }
      loads = loads.filter { $0.key.package != name }
      states[name] = nil
      for (owner, release) in holdings.forget(name, life: state.life) {
        if let life = states[owner]?.life { tell(owner, release, life: life) }
      }
    }
    return names.sorted()
  }

  /// Ends the states of all packages. Returns when they have ended.
  func close() async {
    isClosed = true
    for name in states.keys { dismissServer(of: name) }
    for id in open.keys { giveUp(id) }
    let engines = states.values.compactMap(\.engine)
    engines.forEach { $0.cancel() }
    for engine in engines { await engine.value }
  }

  private static func title(_ state: String) -> String { state == script ? "the script" : state }

  private static func usage(_ message: String, hint: String? = nil) -> GatewayError {
    GatewayError(kind: .usage, message: message, hint: hint)
  }
}

internal import GatewayAPI
internal import GatewayScripting
internal import LineEditor
internal import LuaRuntime
internal import ReleaseEngine

/// The conversation at the terminal: reads an input, carries it out, shows what came of it, until the person leaves.
final class TerminalSession {
  /// APIs that `.undo` names.
  private static let mostNamed = 5

  let engine: SessionEngine
  private let editor: LineEditor
  let signals: SessionSignals
  private let names: GatewayNames
  /// The lines of the input before the one that is edited, for completion.
  private let earlierLines: EarlierLines
  private var history: HistoryFile?
  private var inputs: [SessionInput] = []
  private var count = 0
  var isOver = false
  /// How many signals had come when a plan began to be applied; nil while none is.
  var signalsBeforeApply: Int?

  var settings: Settings { engine.settings }
  var style: Style { engine.style }

  /// - Throws: ``UsageError`` when the terminal cannot be used.
  init(engine: SessionEngine) throws {
    let names = GatewayNames { [connections = engine.connections] in try await connections.gateway($0) }
    let earlierLines = EarlierLines()
    let complete: LineEditor.Completing = { line, cursor in
      let head = line.prefix(cursor)
      return Self.completer(engine, names).completion(
        of: earlierLines.text + head, before: line.dropFirst(cursor).first)
    }
    guard let editor = LineEditor(complete: complete) else {
      throw UsageError(message: "the terminal cannot be used for a session", hint: "apig-lua SCRIPT runs a script")
    }
    self.engine = engine
    self.editor = editor
    self.names = names
    self.earlierLines = earlierLines
    signals = SessionSignals { editor.stop() }
    useHistory()
  }

  private static func completer(_ engine: SessionEngine, _ names: GatewayNames) -> Completer {
    let live = LiveNames(console: engine.console)
    let columns = TerminalSize(of: StandardStream.error.descriptor, columns: engine.settings.variables["COLUMNS"])
      .columns
    return Completer(
      fields: { live.fields(at: $0) }, resources: { names.names(of: $0, on: engine.place.gateway) },
      gateways: Set(engine.settings.gateways.keys).union([GatewayProfile.localName]).sorted(), width: columns)
  }

  /// - Parameters:
  ///   - script: is run first.
  ///   - arguments: what it gets as `...`.
  ///   - isPlanning: whether inputs, and the script, only show what they would do.
  func run(script: LuaChunk?, arguments: [String], isPlanning: Bool) async {
    greet()
    if isPlanning {
      do { try await beginPlan() } catch { return end(for: error) }
    }
    EditedLine.belongs(to: editor)
    defer { EditedLine.belongs(to: nil) }
    names.refresh(engine.place.gateway)
    if let script {
      engine.chunks.remember(script)
      do { _ = try await perform(script, text: nil, arguments: arguments) } catch { end(for: error) }
    }
    var pending: [String] = []
    while !isOver {
      let isPlanning = engine.plan != nil
      let prompt =
        pending.isEmpty
        ? engine.place.prompt(isPlanning: isPlanning) : engine.place.continuationPrompt(isPlanning: isPlanning)
      switch await editor.read(prompt: prompt) {
      case .end where pending.isEmpty: isOver = true
      case .end, .interrupted: pending = []
      case .pasted(let line):
        pending.append(line)
        earlierLines.append(line)
      case .line(let line):
        pending.append(line)
        earlierLines.append(line)
        if await take(pending.joined(separator: "\n")) { pending = [] }
      }
      if pending.isEmpty { earlierLines.forget() }
    }
    signals.stop()
  }

  private func greet() {
    guard !settings.isQuiet else { return }
    let protected = settings.gateways[engine.place.gateway]?.environments.filter { $0.protection != .none } ?? []
    let region = settings.gateways[engine.place.gateway]?.region.map { " (\($0))" } ?? ""
    var parts = ["apig-lua \(ApigLua.version)", "Lua 5.4", engine.place.gateway + region]
    if !protected.isEmpty {
      let names = protected.map(\.name).joined(separator: ", ")
      parts.append("\(names) \(protected.count == 1 ? "is" : "are") protected: reading only, .write to change")
    }
    show(parts.joined(separator: " \(style.separator) "))
    show(".help for commands, ?name for help on a name, Ctrl-D to leave")
  }

  // MARK: - Inputs

  /// - Returns: false when more lines are wanted.
  private func take(_ text: String) async -> Bool {
    if text.allSatisfy(\.isWhitespace) { return true }
    if DotCommand.isMeant(by: text) {
      keep(text)
      await obey(text)
      return true
    }
    if text.trimmed.hasPrefix("?") {
      keep(text)
      help(on: String(text.trimmed.dropFirst()).trimmed)
      return true
    }
    let name = "input \(count + 1)"
    switch await engine.console.read(text, name: name) {
    case .incomplete: return false
    case .invalid(let error):
      count += 1
      keep(text)
      engine.chunks.remember(LuaChunk(name: name, source: text))
      report(error)
    case .ready(let chunk):
      count += 1
      keep(text)
      engine.chunks.remember(LuaChunk(name: name, source: text))
      do { _ = try await perform(chunk, text: text) } catch { end(for: error) }
    }
    return true
  }

  private func end(for error: any Error) {
    report(error)
    isOver = true
  }

  /// Runs a piece of Lua, and shows what is wanted of it.
  ///
  /// - Parameters:
  ///   - text: as typed; nil for what was not.
  ///   - showsValue: whether its values are shown, too.
  /// - Returns: whether it worked.
  /// - Throws: ``LuaError`` when the session cannot go on.
  func perform(
    _ chunk: LuaChunk, text: String?, _ form: InputForm = .values, arguments: [String] = [], showsValue: Bool = true
  ) async throws -> Bool {
    let console = engine.console
    func show(_ text: String) {
      if showsValue { StandardStream.output.write(text) }
    }
    switch form {
    case .values:
      return try await carryOut(text: text, value: text.map { InputValue(of: $0, in: chunk) } ?? .nothing, form) {
        try await console.evaluate(chunk, arguments: arguments)
      } show: {
        show(valueText.text($0))
      }
    case .type, .json:
      return try await carryOut(text: text, value: .passing, form) {
        form == .type ? try await console.typeName(chunk) : try await console.document(chunk).jsonText
      } show: {
        show($0 + "\n")
      }
    }
  }

  /// Carries out an input, tells what it changed, and keeps it for `.undo` and `.save`.
  ///
  /// - Parameter text: what `.save` writes of it; nil for nothing.
  /// - Returns: whether it worked.
  /// - Throws: ``LuaError`` when the session cannot go on.
  private func carryOut<Value: Sendable>(
    text: String?, value: InputValue, _ form: InputForm, _ body: @escaping @Sendable () async throws -> Value,
    show display: (Value) -> Void
  ) async throws -> Bool {
    if let plan = engine.plan { return try await planOut(plan, text, form, body, show: display) }
    let (gateway, environment) = (engine.place.gateway, engine.place.environment)
    let remark = signalsBeforeApply.map { _ in "stops behind what was sent; nothing more is sent" }
    let outcome = try await engine.carryOut(under: signals, since: signalsBeforeApply, onStop: remark, body)
    let input = SessionInput(
      text: text ?? "", value: value, doings: outcome.doings, scope: outcome.scope, gateway: gateway,
      environment: environment, isGood: (try? outcome.result.get()) != nil, standing: outcome.standing)
    inputs.append(input)
    if input.doings.hasOtherChanges { names.forget(gateway) }
    reportChanges(outcome.changes, canBeUndone: !input.standing.isEmpty)
    switch outcome.result {
    case .success(let value): display(value)
    case .failure(let exit as ScriptExit):
      if let text = exit.text { show(text.withoutControlCharacters) }
      isOver = true
    case .failure(let error):
      let isStopItself = error is CancellationError || (error as? LuaError)?.code == .cancelled
      if !outcome.wasStopped || !isStopItself { report(error) }
      if outcome.wasStopped {
        show("\(style.bad) stopped\(input.standing.isEmpty ? "" : "; what it changed stands, .undo undoes it")")
      }
    }
    if let problem = outcome.undoProblem { report(problem) }
    await tellLosses(hasLostState: outcome.hasLostState)
    return input.isGood
  }

  func tellLosses(hasLostState: Bool) async {
    if hasLostState {
      show("\(style.bad) the input could not be ended in itself: its variables are lost, the session goes on without")
    }
    if await engine.hasLostJournal {
      show(
        "\(style.bad) the journal keeps nothing any more, so nothing can be changed: the session ends\n"
          + "  apig-lua rollback \(engine.facts.id) undoes what it changed")
      isOver = true
    }
  }

  private func reportChanges(_ changes: [APIChange], canBeUndone: Bool) {
    guard !changes.isEmpty, !settings.isQuiet else { return }
    let report = ChangeReport(changes: RunChanges(apis: changes), style: style)
    if changes.count > 1 || changes.contains(where: \.isBad) { StandardStream.error.write(report.text) }
    let undo = canBeUndone ? " (undo: .undo)" : ""
    if let change = changes.first, changes.count == 1, !change.isBad {
      let name = (change.apiName ?? change.apiID).withoutControlCharacters
      show("\(style.good) \(name) \(change.outcomeWord)\(undo)")
    } else {
      show("\(changes.contains(where: \.isBad) ? style.bad : style.good) \(report.summary)\(undo)")
    }
  }

  /// Keeps an input for the arrow keys, here and in later sessions.
  private func keep(_ text: String) {
    guard HistoryFile.isKept(text) else { return }
    for line in text.split(separator: "\n") { editor.remember(String(line)) }
    history?.add(text)
  }

  private func useHistory() {
    history = try? HistoryFile(gateway: engine.place.gateway, variables: settings.variables)
    let lines = history?.read().flatMap { $0.split(separator: "\n").map(String.init) } ?? []
    editor.replaceHistory(with: lines)
  }

  // MARK: - Dot commands

  private func obey(_ line: String) async {
    do {
      let (command, argument) = try DotCommand.parse(line)
      switch command {
      case .help: listCommands()
      case .env: try await changeEnvironment(argument)
      case .gateway: try await changeGateway(argument)
      case .write: try allowWriting(argument)
      case .plan: try await plan(argument)
      case .apply: try await apply()
      case .undo: try await undo()
      case .history: listInputs()
      case .save: try save(argument)
      case .load: try await load(argument)
      case .type: _ = try await perform(expression(argument), text: argument, .type)
      case .json: _ = try await perform(expression(argument), text: argument, .json)
      case .time: try await time(argument)
      case .quit: isOver = true
      }
    } catch {
      report(error)
      // There was no new state to go on with.
      if engine.console.isAbandoned { isOver = true }
    }
  }

  private func listCommands() {
    let rows = DotCommand.allCases.map { [$0.usage, $0.summary] }
    StandardStream.output.write(FittedTable(columns: ["command", ""], rows: rows, width: width).text)
    show("?name shows what a function of apig does and takes: ?publish")
  }

  private func changeEnvironment(_ name: String) async throws {
    let connections = engine.connections
    let gateway = engine.place.gateway
    guard !name.isEmpty else { return show(engine.place.environment ?? "no default environment") }
    let outcome = try await engine.carryOut(under: signals) {
      _ = try await connections.run(gateway).names.id(of: .environment, named: name)
    }
    try outcome.result.get()
    engine.place.environment = name
  }

  private func changeGateway(_ name: String) async throws {
    guard !name.isEmpty else { return show(engine.place.gateway) }
    if name != GatewayProfile.localName { _ = try settings.gateway(named: name) }
    try refuseWhilePlanned(".gateway")
    let place = engine.place
    let (gateway, environment, isWriting) = (place.gateway, place.environment, place.isWriting)
    place.move(to: name)
    if engine.plan != nil {
      do { try await beginPlan() } catch {
        place.move(to: gateway)
        place.environment = environment
        place.isWriting = isWriting
        throw error
      }
    }
    names.refresh(name)
    useHistory()
  }

  private func allowWriting(_ argument: String) throws {
    guard ["", "on", "off"].contains(argument) else {
      throw UsageError(message: ".write takes nothing or off, not '\(argument)'")
    }
    guard argument != "off" else {
      engine.place.isWriting = false
      return show("reading only what is protected")
    }
    // Handles reach other gateways than the session's, too.
    let protected = settings.gateways.sorted { $0.key < $1.key }.flatMap { name, gateway in
      gateway.environments.filter { $0.protection != .none }.map { environment in
        name == engine.place.gateway ? environment.name : "\(name)/\(environment.name)"
      }
    }
    guard !protected.isEmpty else { return show("nothing is protected: changes are made as they come") }
    engine.place.isWriting = true
    let names = protected.joined(separator: ", ")
    let answer =
      settings.saysYes
      ? "will be shown; --yes answers unless a name is to be typed." : "will be shown and asked for one by one."
    show("\(names) \(protected.count == 1 ? "is" : "are") protected; changes \(answer)")
  }

  /// Undoes the last input that changed something; one that could not be undone comes again behind those before it.
  private func undo() async throws {
    try refuseWhilePlanning(".undo")
    guard
      let index = inputs.lastIndex(where: { !$0.standing.isEmpty && !$0.isStuck })
        ?? inputs.lastIndex(where: { !$0.standing.isEmpty })
    else { return show("nothing to undo") }
    let engine = engine
    let input = inputs[index]
    let newer = inputs[(index + 1)...]
    try refuseToUndo(input, below: newer)
    tellUndo(of: input, newer: newer)
    let outcome = try await engine.carryOut(
      under: signals, onStop: "an undo is not stopped half-way: pressed three times, Ctrl-C leaves the session"
    ) { try await engine.undo(input) }
    inputs[index].standing = await engine.standing(in: input)
    // One that was refused did not begin: it is the next to be undone still.
    inputs[index].isStuck = (try? outcome.result.get()) != nil && !inputs[index].standing.isEmpty
    inputs[index].isUndone = inputs[index].standing.isEmpty
    switch outcome.result {
    case .success(let report):
      // Of an API that an earlier input changed too, the sum says so.
      let changes = outcome.changes.map { change in
        var change = change
        if change.state == .changed { change.state = .undone }
        return change
      }
      let text = ChangeReport(changes: RunChanges(apis: changes), style: style)
      StandardStream.error.write(text.text)
      let isGood = report.isComplete && inputs[index].isUndone
      show("\(isGood ? style.good : style.bad) \(text.summary.isEmpty ? "nothing was put back" : text.summary)")
    case .failure(let error): report(error)
    }
    await tellLosses(hasLostState: outcome.hasLostState)
  }

  /// What ran before an input is not put back over what a later one made and could not undo.
  ///
  /// - Throws: ``UsageError``.
  private func refuseToUndo(_ input: SessionInput, below newer: ArraySlice<SessionInput>) throws {
    for change in input.standing {
      let isAbove = newer.contains { later in
        later.standing.contains {
          $0.gateway == change.gateway && $0.apiID == change.apiID && $0.environmentID == change.environmentID
        }
      }
      guard isAbove else { continue }
      throw UsageError(
        message: "\(change.apiName ?? change.apiID) was changed again by a later input that could not be undone",
        hint: "look at what runs with apig.history, and switch to the version that is wanted")
    }
  }

  /// Says what is about to be undone, and what will not be.
  private func tellUndo(of input: SessionInput, newer: ArraySlice<SessionInput>) {
    let lines = input.text.split(separator: "\n")
    let title = lines.isEmpty ? "a script" : String(lines[0]) + (lines.count > 1 ? " …" : "")
    var apis: [String] = []
    for change in input.standing {
      let place = (change.environmentName ?? change.environmentID).map { " in \($0)" } ?? ""
      let label = "\(change.operation) \(change.apiName ?? change.apiID)\(place)"
      if !apis.contains(label) { apis.append(label) }
    }
    let rest = apis.count > Self.mostNamed ? ", and \(apis.count - Self.mostNamed) more" : ""
    show("undoes \(apis.prefix(Self.mostNamed).joined(separator: ", "))\(rest): \(title)".withoutControlCharacters)
    if input.doings.hasOtherChanges { show("  what it changed of drafts and groups stays: that cannot be undone") }
    if newer.contains(where: { $0.doings.hasOtherChanges }) {
      show("  a later input changed drafts or groups: that cannot be undone, and stays")
    }
    if newer.contains(where: { !$0.standing.isEmpty }) {
      show("  a later input could not be undone: what it changed stays, .undo tries it again at last")
    }
  }

  private func listInputs() {
    for (index, input) in inputs.enumerated() where !input.text.isEmpty {
      let state = input.isUndone ? "undone" : input.isGood ? "" : "failed"
      let first = input.text.split(separator: "\n").first.map(String.init) ?? ""
      let more = input.text.contains("\n") ? " …" : ""
      let note = state.isEmpty ? "" : "  -- \(state)"
      StandardStream.output.write("\(index + 1)  \(first.withoutControlCharacters)\(more)\(note)\n")
    }
    for input in engine.plan?.inputs ?? [] { StandardStream.output.write("-  \(input.title)  -- planned\n") }
  }

  private func save(_ path: String) throws {
    try refuseWhilePlanning(".save")
    guard !path.isEmpty else { throw UsageError(message: ".save needs a file", hint: ".save hotfix.lua") }
    let playbook = SessionPlaybook(inputs: inputs, facts: engine.facts)
    try playbook.refuseMixedPlaces()
    guard playbook.isWorthSaving else {
      throw UsageError(message: "no input has called the gateway yet: there is nothing to save")
    }
    try playbook.write(to: path)
    let options = playbook.options(besides: settings)
    show("wrote \(path) (\(playbook.summary)) \(style.hasUnicode ? "—" : "-") try: apig-lua plan \(options)\(path)")
    if playbook.hasSecrets {
      show("  what seems to hold a secret is left out: apig.secret(\"NAME\") keeps it out of files")
    }
  }

  private func load(_ path: String) async throws {
    guard engine.plan == nil else {
      throw UsageError(
        message: ".load does not work while inputs are only planned",
        hint: "apig-lua plan FILE plans a file; .plan off ends planning here")
    }
    guard !path.isEmpty else { throw UsageError(message: ".load needs a file", hint: ".load hotfix.lua") }
    let chunk = try ScriptSource.file(path).chunk()
    engine.chunks.remember(chunk)
    _ = try await perform(chunk, text: nil)
  }

  private func time(_ argument: String) async throws {
    let chunk = try await expression(argument)
    let began = ContinuousClock.now
    _ = try await perform(chunk, text: argument)
    show("took \((ContinuousClock.now - began).elapsedText)")
  }

  /// What was typed before, compiled once more.
  ///
  /// - Throws: ``LuaError``; ``UsageError`` for what is not complete.
  func expression(_ text: String) async throws -> LuaChunk {
    guard !text.isEmpty else { throw UsageError(message: "an expression is missing", hint: ".help lists the commands") }
    count += 1
    let name = "input \(count)"
    engine.chunks.remember(LuaChunk(name: name, source: text))
    switch await engine.console.read(text, name: name) {
    case .ready(let chunk): return chunk
    case .invalid(let error): throw error
    case .incomplete: throw UsageError(message: "the expression is not complete: \(text)")
    }
  }

  // MARK: - Help

  private func help(on name: String) {
    if name.isEmpty { return listCommands() }
    guard let text = Manual.text(on: name, width: min(width, 100)) else {
      return report(
        UsageError(
          message: "there is no help on '\(name)'",
          hint: Manual.suggestion(for: name).map { "did you mean '?\($0)'?" } ?? "apig-lua doc lists what there is"))
    }
    StandardStream.output.write(text)
  }

  // MARK: - The screen

  private var width: Int {
    TerminalSize(of: StandardStream.error.descriptor, columns: settings.variables["COLUMNS"]).columns
  }

  private var valueText: ValueText {
    ValueText(width: StandardStream.output.isTerminal ? width - 1 : .max, moments: MomentText(.output))
  }

  func show(_ line: String) { StandardStream.error.write(line + "\n") }

  func report(_ error: any Error) {
    ErrorReport(error: error, style: style, chunks: engine.chunks).tell()
  }
}

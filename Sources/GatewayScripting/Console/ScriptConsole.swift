public import GatewayAPI
public import LuaRuntime

/// A script that is typed piece by piece: one engine, whose globals last, and `_` for the value shown last.
///
/// The limits hold for each piece; a piece that fails or is stopped leaves the state as usable as before. A package that
/// is at work when its piece is stopped, or reaches a limit, begins anew when it is called next; of packages the limits
/// count all they did since they began.
public struct ScriptConsole: Sendable {
  /// What was typed, as far as Lua understands it.
  public enum Reading: Sendable {
    case ready(LuaChunk)
    /// More lines may make it complete.
    case incomplete
    case invalid(LuaError)
  }

  /// What stands behind a dotted path, for completion.
  public struct Names: Sendable, Hashable {
    /// The class of a record or list, else Lua's type.
    public let kind: String
    /// The names of the fields, and Lua's type of each.
    public let fields: [String: String]
  }

  private static let moduleName = "[session]"
  private let engine: LuaEngine
  private let unreadLists = UnreadLists()
  private let plannedValues: PlannedValues
  /// Of the packages that pieces require: they last as the globals do.
  private let states: PackageStates?
  private let output: any ScriptOutput

  /// - Parameter runner: its limits hold for each piece; pieces are never isolated.
  /// - Throws: `LuaError` when memory runs out.
  public init(_ runner: ScriptRunner, in context: ScriptContext) async throws(LuaError) {
    plannedValues = context.plannedValues
    output = context.output
    let console = LuaModule(
      name: Self.moduleName, functions: [],
      prelude: String(decoding: PackageResources.console_lua, as: UTF8.self), isGlobal: false)
    let library = runner.packageLibrary(for: context)
    states = library?.states
    engine = try await LuaEngine(
      limits: runner.limits,
      modules: runner.modules(for: context, unreadLists, with: library) + [console],
      moduleSource: runner.moduleSource, seed: context.seed,
      clock: LuaClock(recording: context.recorder),
      output: { context.output.print($0) })
  }

  /// Compiles what was typed: as an expression whose value is wanted, else as statements; the last line of several may be
  /// such an expression, too.
  ///
  /// - Parameter name: what errors call it.
  public func read(_ text: String, name: String) async -> Reading {
    // What was pasted may end with empty lines.
    let text = text.trimmingEnd
    func compiled(_ source: String) async -> Result<LuaChunk, LuaError> {
      let chunk = LuaChunk(name: name, source: source)
      do {
        try await engine.check(chunk)
        return .success(chunk)
      } catch { return .failure(error) }
    }
    let expression = await compiled("return \(text)")
    if case .success(let chunk) = expression { return .ready(chunk) }
    let statements = await compiled(text)
    switch statements {
    case .success(let chunk): return .ready(chunk)
    case .failure(let error):
      if error.isIncompleteInput { return .incomplete }
      if case .failure(let other) = expression, other.isIncompleteInput { return .incomplete }
      if let lastLine = text.lastIndex(of: "\n"),
        case .success(let chunk) = await compiled("\(text[..<lastLine])\nreturn \(text[lastLine...].dropFirst())")
      {
        return .ready(chunk)
      }
      return .invalid(error)
    }
  }

  /// Runs a piece.
  ///
  /// - Parameter arguments: what it gets as `...`.
  /// - Returns: its values; the first of them is `_` from now on.
  /// - Throws: as ``ScriptRunner/run(_:in:arguments:)``.
  public func evaluate(_ chunk: LuaChunk, arguments: [String] = []) async throws -> [ConsoleValue] {
    try await piece("run", chunk, arguments.map(LuaValue.text)).map(ConsoleValue.init)
  }

  /// The first value of a piece as data.
  ///
  /// - Throws: as ``evaluate(_:arguments:)``; `LuaError` of code `invalidValue` for what has no JSON form.
  public func document(_ chunk: LuaChunk) async throws -> Document {
    let value = plannedValues.entering(try await unreadLists.completing(piece("value", chunk).first ?? .nil))
    do throws(NoJSONForm) {
      return try Document(value)
    } catch {
      throw LuaError(code: .invalidValue, message: "\(error.path) has no JSON form: it is \(error.reason)")
    }
  }

  /// What the first value of a piece is: the class of a record or list, else Lua's type.
  ///
  /// - Throws: as ``evaluate(_:arguments:)``.
  public func typeName(_ chunk: LuaChunk) async throws -> String {
    try await piece("type", chunk).first?.stringValue ?? "nil"
  }

  /// What a path of fields from the globals leads to; runs nothing of the script's own.
  public func names(at path: [LuaValue]) async -> Names {
    let nothing = LuaChunk(name: Self.moduleName, source: "")
    guard let answer = try? await call("names", nothing, path), answer.count == 3 else {
      return Names(kind: "nil", fields: [:])
    }
    let names = (answer[1].tableValue?.sequence ?? []).map { $0.stringValue ?? "" }
    let kinds = (answer[2].tableValue?.sequence ?? []).map { $0.stringValue ?? "" }
    let kind = answer[0].stringValue ?? "nil"
    var fields = Dictionary(zip(names, kinds), uniquingKeysWith: { _, last in last })
    for name in RecordClasses.fieldNames(of: kind) where fields[name] == nil { fields[name] = "nil" }
    for name in RecordClasses.methodNames(of: kind) { fields[name] = "function" }
    return Names(kind: kind, fields: fields)
  }

  /// Copies the globals of another console that this one does not have, so that pieces find what earlier ones made there.
  ///
  /// - Returns: the names of those that cannot be copied: functions, what is too large, and lists whose rest cannot be
  ///   read.
  /// - Throws: `CancellationError`, `LuaError` of code `cancelled`.
  public func takeGlobals(of other: ScriptConsole) async throws -> [String] {
    let nothing = LuaChunk(name: Self.moduleName, source: "")
    let own = await names(at: []).fields
    var left: [String] = []
    for name in await other.names(at: []).fields.keys.sorted() where own[name] == nil {
      let name = LuaValue.text(name)
      do {
        let value = try await other.unreadLists.completing(other.call("global", nothing, [name]).first ?? .nil)
        _ = try await call("set_global", nothing, [name, value])
      } catch {
        try Task.checkCancellation()
        if let error = error as? LuaError, error.code == .cancelled { throw error }
        left.append(name.stringValue ?? "")
      }
    }
    return left
  }

  /// Whether a piece was given up inside a step that nothing can interrupt: the state is lost, and nothing here may be
  /// waited for any more.
  public var isAbandoned: Bool { engine.isAbandoned }

  /// Frees the state.
  public func close() async {
    await states?.close()
    await engine.close()
  }

  /// Runs what was typed. Returns when no package is at work on it any more.
  private func piece(_ function: String, _ chunk: LuaChunk, _ arguments: [LuaValue] = []) async throws -> [LuaValue] {
    let result: Result<[LuaValue], any Error>
    do { result = .success(try await call(function, chunk, arguments)) } catch { result = .failure(error) }
    guard let states else { return try result.get() }
    if isAbandoned {
      await states.close()
    } else {
      for name in await states.settle() {
        output.log(.warn, "\(name) begins anew when it is called next: what it kept is gone")
      }
    }
    return try result.get()
  }

  private func call(_ function: String, _ chunk: LuaChunk, _ arguments: [LuaValue] = []) async throws -> [LuaValue] {
    try await engine.run(
      chunk, arguments: arguments, through: LuaModule.Function(module: Self.moduleName, name: function))
  }
}

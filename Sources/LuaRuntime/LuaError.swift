/// What ended a run, or kept a chunk from compiling.
public struct LuaError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Name: String {
      case syntax, runtime, limit, cancelled, invalidValue, interpreterCrashed, internalFailure
    }
    private let name: Name

    /// The chunk does not compile.
    public static let syntax = Code(name: .syntax)
    /// An error that the script did not catch.
    public static let runtime = Code(name: .runtime)
    /// A limit was reached; `limit` says which.
    public static let limit = Code(name: .limit)
    /// The task was cancelled, or `cancel()` called.
    public static let cancelled = Code(name: .cancelled)
    /// A result that can't leave the script.
    public static let invalidValue = Code(name: .invalidValue)
    /// The process of an isolated run died: a defect of the interpreter, or somebody killed it.
    public static let interpreterCrashed = Code(name: .interpreterCrashed)
    /// The engine can't be used so, or a defect of it.
    public static let internalFailure = Code(name: .internalFailure)

    public var description: String { name.rawValue }
  }

  /// A limit of `LuaLimits`; the deadline is reported as time.
  public enum Limit: String, Sendable { case time, memory, instructions, calls, output }

  public var code: Code
  public var limit: Limit?
  /// One sentence, without the location.
  public var message: String
  /// Where in the script, when that is known.
  public var location: LuaLocation?
  /// The script's frames, innermost first, one per line.
  public var traceback: String?
  /// Whether more input might make the chunk compile (for a prompt).
  public var isIncompleteInput = false
  /// The error object; tables keep their fields. Text when it can't leave the script.
  public var value: LuaValue = .nil
  /// The error that a host function threw, when that ended the run.
  public var underlying: (any Error)?

  public init(
    code: Code, message: String, limit: Limit? = nil, location: LuaLocation? = nil, traceback: String? = nil,
    value: LuaValue = .nil, underlying: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.limit = limit
    self.location = location
    self.traceback = traceback
    self.value = value
    self.underlying = underlying
  }

  public var description: String { location.map { "\($0): \(message)" } ?? message }
}

/// An error that says what Lua sees of it.
public protocol LuaErrorConvertible: Error {
  /// The fields of the error object; `where` and `traceback` are added where they are absent.
  var luaError: LuaTable { get }
  /// What ``LuaError/underlying`` is when it ends the run: itself, unless it only passes another one on.
  var origin: any Error { get }
}

extension LuaErrorConvertible {
  public var origin: any Error { self }
}

/// Thrown by a host function to end the run at once; the script can't catch it. `run` throws the underlying error.
public struct LuaStop: Error {
  public let underlying: any Error
  public init(_ underlying: any Error) { self.underlying = underlying }
}

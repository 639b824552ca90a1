/// Where in the script the current task's work comes from.
public struct CallOrigin: Sendable, Hashable {
  /// Which of the script's concurrent tasks: see `LuaCall.branch`.
  public var branch: String
  /// "release.lua:14"
  public var place: String?

  /// The calls back that led to it.
  public var callbacks: [Callback] = []

  /// A call of somebody's function by one whom he called, and waits for.
  public struct Callback: Sendable, Hashable {
    /// The branch of the one whom he called.
    public var caller: String
    /// The function's.
    public var branch: String

    public init(caller: String, branch: String) {
      self.caller = caller
      self.branch = branch
    }
  }

  public init(branch: String = "", place: String? = nil, callbacks: [Callback] = []) {
    self.branch = branch
    self.place = place
    self.callbacks = callbacks
  }

  /// Of whatever the current task asks of the gateway or records.
  @TaskLocal public static var current = CallOrigin()
}

/// Where in the script the current task's work comes from.
public struct CallOrigin: Sendable, Hashable {
  /// Which of the script's concurrent tasks: see `LuaCall.branch`.
  public var branch: String
  /// "release.lua:14"
  public var place: String?

  public init(branch: String = "", place: String? = nil) {
    self.branch = branch
    self.place = place
  }

  /// Of whatever the current task asks of the gateway or records.
  @TaskLocal public static var current = CallOrigin()
}

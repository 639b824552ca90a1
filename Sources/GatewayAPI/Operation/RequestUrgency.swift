/// Who goes first when requests wait for their turn.
public enum RequestUrgency: Sendable, Hashable {
  case normal
  /// Putting back what a run changed: before everything else.
  case undo

  /// That of the current task; a child task inherits it.
  @TaskLocal public static var current = RequestUrgency.normal
}

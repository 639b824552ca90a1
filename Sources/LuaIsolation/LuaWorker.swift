internal import CLuaShims
internal import Glibc
internal import SystemPackage

/// The program that runs a script in a process of its own, for ``IsolatedLuaEngine``: as a rule this very program,
/// started once more.
///
/// Its `main` begins with ``runIfAsked(_:)``:
///
/// ```swift
/// @main struct Main {
///   static func main() async {
///     LuaWorker.runIfAsked()
///     …
///   }
/// }
/// ```
public struct LuaWorker: Sendable, Hashable {
  /// The only argument of a program that is to be a worker.
  public static let marker = "--lua-worker"

  /// Path of the program.
  public var executable: String
  /// Its arguments.
  public var arguments: [String]
  /// Its environment. Empty unless the program cannot be loaded without, say for `LD_LIBRARY_PATH`; the time zone is
  /// added.
  public var environment: [String: String]

  public init(
    executable: String = "/proc/self/exe", arguments: [String] = [LuaWorker.marker],
    environment: [String: String] = [:]
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
  }

  /// Serves one script and ends the process, when the program was started for that; else returns at once.
  ///
  /// Call it before anything else: what the program has opened, started or read by then, the script's process has too.
  /// - Parameter arguments: of the process, its name first.
  public static func runIfAsked(_ arguments: [String] = CommandLine.arguments) {
    guard arguments.dropFirst() == [marker] else { return }
    guard Channel.isSocket(STDIN_FILENO) else {
      let message = "\(marker) is how this program runs a script in a process of its own; it takes no other input\n"
      _ = try? FileDescriptor.standardError.writeAll(message.utf8)
      exit(EX_USAGE)
    }
    clua_worker_serve()
  }
}

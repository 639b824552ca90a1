internal import CCrashReport
internal import Foundation
internal import GatewayAPI
internal import Glibc
internal import Synchronization

/// What is left of a process that a bug of ours ends: a file with where it was, and nothing of what it worked on.
enum CrashFile {
  private struct State {
    /// Where the file is made, should it come to that.
    var path: String?
    /// What ended the process, where that was no signal.
    var cause: String?
    /// The run, and what goes on with it.
    var run: String?
    var next: String?
  }

  private static let state = Mutex(State())

  /// Where they lie.
  ///
  /// - Throws: ``ConfigurationError`` when there is no folder for them.
  static func folder(_ variables: EnvironmentVariables) throws -> String {
    try variables.folder("XDG_STATE_HOME", default: ".local/state") + "/crashes"
  }

  /// Names of those that are there, the oldest first.
  static func names(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".txt") }.sorted()
  }

  /// From here on the process tells of its end by a fatal signal. Whoever sets SWIFT_BACKTRACE has Swift tell of that.
  ///
  /// - Parameter command: its name; parameters may be secret.
  static func watch(_ variables: EnvironmentVariables, command: String) {
    let time = Timestamp(seconds: Timestamp.now().seconds).text.filter { $0 != "-" && $0 != ":" }
    let path = (try? folder(variables)).map { "\($0)/\(time)-\(getpid()).txt" }
    guard crash_prepare(path, "apig-lua \(ApigLua.version)\nplatform: \(platform)\ncommand: \(command)\n") == 0 else {
      return
    }
    state.withLock { $0.path = path }
    // Without it the process ends by the signal, as any does.
    if variables["SWIFT_BACKTRACE"] == nil { _ = crash_watch() }
  }

  private static var platform: String {
    var name = utsname()
    guard uname(&name) == 0 else { return "unknown" }
    return "\(text(of: name.sysname)) \(text(of: name.release)) \(text(of: name.machine))"
  }

  private static func text<Field>(of field: Field) -> String {
    withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  // MARK: - The run

  /// A run is kept in the journal; it goes on with `apig-lua resume`, unless it was said before that it cannot.
  static func note(run: String) {
    if state.withLock({ $0.run != run }) { set(run, next: "apig-lua resume \(run)") }
  }

  /// The run can only be undone any more.
  static func note(undoOf run: String) {
    let next = "apig-lua rollback \(run)"
    if state.withLock({ $0.next != next }) { set(run, next: next) }
  }

  /// The run has its end.
  static func forgetRun() {
    set(nil, next: nil)
  }

  private static func set(_ run: String?, next: String?) {
    state.withLock { state in
      (state.run, state.next) = (run, next)
      crash_set_run(run, next)
    }
  }

  // MARK: - Errors

  /// An error was told. Of one that nobody foresaw the type is kept, not the text: that may hold anything.
  static func note(_ error: any Error) {
    if !error.isForeseen { state.withLock { $0.cause = String(reflecting: type(of: error)) } }
  }

  /// Makes the file for the error that was noted.
  ///
  /// - Returns: where it lies; nil where there is none.
  static func make() -> String? {
    let (path, cause) = state.withLock { ($0.path, $0.cause) }
    guard let path, let cause, crash_report("error of type \(cause)") == 0 else { return nil }
    return path
  }
}

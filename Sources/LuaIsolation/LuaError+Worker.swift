internal import CLuaShims
import Glibc
import LuaRuntime
internal import Subprocess

extension LuaError {
  init(violation: Violation) {
    self.init(
      code: .interpreterCrashed,
      message: "the isolated Lua process was killed: it sent \(violation.what); nothing else was harmed")
  }

  /// How a worker died that closed its channel without a result.
  ///
  /// - Parameters:
  ///   - stop: why it had been asked to end, if it had.
  ///   - hasGreeted: whether it had become a worker.
  init(lost status: TerminationStatus, stop: Int?, hasGreeted: Bool, worker: LuaWorker, limits: LuaLimits) {
    if let stop {
      self.init(stop: stop, limits: limits)
      return
    }
    switch status {
    case .signaled(SIGXCPU):
      self.init(stop: limits.luaTime == nil ? CLUA_STOP_DEADLINE : CLUA_STOP_TIME, limits: limits)
    case .exited(Int32(CLUA_WORKER_NO_MEMORY)): self.init(stop: CLUA_STOP_MEMORY, limits: limits)
    case .exited(Int32(CLUA_WORKER_UNCONFINED)):
      self.init(
        code: .internalFailure,
        message: "the system does not let the isolated Lua process give up its rights: nothing was run")
    case _ where !hasGreeted:
      self.init(
        code: .internalFailure,
        message:
          "\(worker.executable) did not become a Lua worker (\(status.text)): its main must begin with LuaWorker.runIfAsked()"
      )
    case .signaled(let signal) where [SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT].contains(signal):
      self.init(
        code: .interpreterCrashed,
        message:
          "the isolated Lua process was killed from outside (\(status.text)): by hand, or by a system short of memory")
    case .signaled:
      self.init(
        code: .interpreterCrashed,
        message: "the Lua interpreter crashed (\(status.text)); the run was isolated, so nothing else was harmed")
    case .exited:
      self.init(
        code: .interpreterCrashed, message: "the isolated Lua process ended without a result (\(status.text))")
    }
  }
}

extension TerminationStatus {
  /// `SIGSEGV`, `status 3`.
  fileprivate var text: String {
    switch self {
    case .exited(let code): "status \(code)"
    case .signaled(let number): Self.signalNames[number].map { "SIG\($0)" } ?? "signal \(number)"
    }
  }

  private static let signalNames: [Int32: String] = [
    SIGABRT: "ABRT", SIGBUS: "BUS", SIGFPE: "FPE", SIGHUP: "HUP", SIGILL: "ILL", SIGINT: "INT", SIGKILL: "KILL",
    SIGQUIT: "QUIT", SIGSEGV: "SEGV", SIGSYS: "SYS", SIGTERM: "TERM", SIGTRAP: "TRAP", SIGXCPU: "XCPU",
  ]
}

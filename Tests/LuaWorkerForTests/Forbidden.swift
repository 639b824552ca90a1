import CLuaShims
import Glibc

/// Confines itself as a worker does, tries what a script that broke out might, and prints how each attempt failed.
func tryWhatIsForbidden() -> Never {
  var confinement = clua_confinement(parent: getppid(), growth: 256 << 20, processor_time: 10)
  let confined = clua_confine(&confinement)
  send(CLUA_FRAME_HELLO, number(Int(CLUA_WORKER_VERSION)) + number(Int(confined)))
  report("open") { open("/etc/passwd", O_RDONLY) }
  report("write a file") { open("/tmp/escaped", O_WRONLY | O_CREAT, 0o600) }
  report("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
  report("dup") { dup(STDIN_FILENO) }
  report("kill") { kill(getppid(), 0) }
  report("execute memory") {
    mmap(nil, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0
  }
  report("spawn") {
    var pid: pid_t = 0
    errno = posix_spawn(&pid, "/bin/true", nil, nil, [nil], nil)
    return errno == 0 ? 0 : -1
  }
  report("thread") {
    var thread = pthread_t()
    errno = pthread_create(&thread, nil, { _ in nil }, nil)
    return errno == 0 ? 0 : -1
  }
  report("a gigabyte") { malloc(1 << 30) == nil ? -1 : 0 }
  send(
    CLUA_FRAME_END,
    [255, 255, 255, 255] + number(CLUA_DONE) + number(CLUA_STOP_NONE) + [UInt8](repeating: 0, count: 16))
  exit(0)
}

private func report(_ what: String, _ attempt: () -> Int32) {
  errno = 0
  let outcome = attempt() == -1 && errno != 0 ? "refused" : "done"
  send(CLUA_FRAME_OUTPUT, Array("\(what): \(outcome)\n".utf8))
}

private func number(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }

private func send(_ kind: Int, _ payload: [UInt8]) {
  let frame = number(payload.count) + [UInt8(kind)] + payload
  _ = write(STDIN_FILENO, frame, frame.count)
}

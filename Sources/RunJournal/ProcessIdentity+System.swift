internal import Glibc

extension ProcessIdentity {
  /// This process.
  public static var current: ProcessIdentity {
    ProcessIdentity(number: getpid(), startMark: startMark(of: getpid()))
  }

  /// Whether the process has certainly ended; false where that cannot be seen from here.
  ///
  /// - Precondition: it ran on this host.
  public var isGone: Bool {
    guard let startMark else { return !Self.exists(number) }
    let parts = startMark.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, let boot = Self.boot, let namespace = Self.namespace else { return !Self.exists(number) }
    if parts[0] != boot { return true }
    // A container's numbers say nothing outside it.
    guard parts[1] == namespace else { return false }
    return Self.ticks(of: number).map { $0 != parts[2] } ?? !Self.exists(number)
  }

  /// boot/namespace/ticks: which start of the system, whose numbering, and when by the system's own clock.
  private static func startMark(of number: Int32) -> String? {
    guard let boot, let namespace, let ticks = ticks(of: number) else { return nil }
    return "\(boot)/\(namespace)/\(ticks)"
  }

  private static func exists(_ number: Int32) -> Bool { kill(number, 0) == 0 || errno == EPERM }

  /// The first part of the system's boot ID.
  private static var boot: String? {
    text(of: "/proc/sys/kernel/random/boot_id").map { String($0.prefix(8)) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// "pid:[4026531836]": which numbering of processes this one is part of.
  private static var namespace: String? {
    var target = [UInt8](repeating: 0, count: 64)
    let count = readlink("/proc/self/ns/pid", &target, target.count)
    return count > 0 ? String(decoding: target[..<count], as: UTF8.self) : nil
  }

  /// Field 22 of `/proc/PID/stat`; nil for a process that has ended, also when nobody has collected it yet.
  private static func ticks(of number: Int32) -> String? {
    guard let stat = text(of: "/proc/\(number)/stat")?.utf8, let nameEnd = stat.lastIndex(of: UInt8(ascii: ")")) else {
      return nil
    }
    // The name before may hold anything; the fields behind it begin with the third, the state.
    let fields = stat[nameEnd...].split(separator: UInt8(ascii: " ")).dropFirst()
    guard let state = fields.first?.first, state != UInt8(ascii: "Z"), state != UInt8(ascii: "X"), fields.count > 19
    else { return nil }
    return String(decoding: fields[fields.startIndex + 19], as: UTF8.self)
  }

  private static func text(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    return count >= 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}

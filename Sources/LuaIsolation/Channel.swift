import Glibc
internal import SystemPackage

/// One end of a local socket. It never blocks.
final class Channel: Sendable {
  enum Received {
    case bytes([UInt8])
    case nothing
    /// The other end is closed.
    case end
  }

  private let descriptor: Int32

  /// Takes over a descriptor of `makePair`.
  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Makes a socket's two ends, which no program that is started inherits.
  ///
  /// - Throws: `Errno`, when descriptors run out.
  static func makePair() throws(Errno) -> [Int32] {
    var ends: [Int32] = [-1, -1]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw Errno(rawValue: errno)
    }
    return ends
  }

  /// Takes what is there, at most 64 KiB.
  func receive() -> Received {
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
      let received = unsafe recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
      count = max(0, received)
      if received < 0 { failure = errno }
    }
    if !bytes.isEmpty { return .bytes(bytes) }
    // A reset is an end, too: the worker died with bytes of ours unread.
    return failure == EAGAIN || failure == EINTR ? .nothing : .end
  }

  /// Sends what there is room for.
  ///
  /// - Returns: the number of bytes; 0 also when the worker is gone, which `receive` tells.
  func send(_ bytes: ArraySlice<UInt8>) -> Int {
    let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
    let sent = unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
    return max(0, sent)
  }

  /// Returns when there is something to receive, here or from `other`, room to send if that is asked for, or time is
  /// up.
  ///
  /// - Returns: where there is something to receive.
  func wait(toSend: Bool, or other: Channel, timeout: Duration?) -> (here: Bool, other: Bool) {
    var polled = [
      pollfd(fd: descriptor, events: Int16(POLLIN | (toSend ? POLLOUT : 0)), revents: 0),
      pollfd(fd: other.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let count = unsafe poll(&polled, nfds_t(polled.count), timeout.map(\.milliseconds) ?? -1)
    guard count > 0 else { return (false, false) }
    return (polled[0].revents & ~Int16(POLLOUT) != 0, polled[1].revents != 0)
  }

  /// Whether a descriptor is such a socket.
  static func isSocket(_ descriptor: Int32) -> Bool {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
  }
}

extension Duration {
  /// Rounded up, so that a wait is over when the time has come; at least 0, at most a day.
  fileprivate var milliseconds: Int32 {
    let wanted = min(max(self, .zero), .seconds(86_400))
    let (seconds, attoseconds) = wanted.components
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}

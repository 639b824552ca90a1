import Glibc

/// An address where nobody listens, and nobody else can begin to, for as long as the body runs: its port is taken by a
/// socket that does not listen.
///
/// - Parameter body: gets `http://127.0.0.1:PORT`.
public func withClosedPort<Value>(_ body: (_ url: String) async throws -> Value) async throws -> Value {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
    }
  }
  guard isBound else { throw PortNotBound(code: errno) }
  return try await body("http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
}

/// The system gave no port.
struct PortNotBound: Error { let code: Int32 }

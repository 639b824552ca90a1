import Foundation
import Glibc

/// What a gateway sends for a request, byte by byte: clients hide what HTTP does not allow.
///
/// - Parameter request: asks for the end of the connection; that is where reading ends.
func rawAnswer(from url: String, to request: String) async throws -> String {
  // On a thread of its own: the gateway in this process needs those that tasks share.
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try blockingAnswer(from: url, to: request) }) }
  }
}

private func blockingAnswer(from url: String, to request: String) throws -> String {
  let port = URL(string: url)?.port ?? 0
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(port).bigEndian
  address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
  let isConnected = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
  guard isConnected else { throw RawConnectionFailed(code: errno) }
  let sent = Array(request.utf8)
  guard send(descriptor, sent, sent.count, Int32(MSG_NOSIGNAL)) == sent.count else {
    throw RawConnectionFailed(code: errno)
  }
  var answer: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw RawConnectionFailed(code: errno) }
    if count == 0 { return String(decoding: answer, as: UTF8.self) }
    answer += buffer.prefix(count)
  }
}

struct RawConnectionFailed: Error { let code: Int32 }

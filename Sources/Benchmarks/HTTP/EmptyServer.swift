import Glibc
import Hummingbird
import Logging

/// A server with nothing behind it: what the local gateway's library can do at most.
enum EmptyServer {
  static func run() async throws {
    let router = Router()
    router.get("**") { _, _ in HTTPResponse.Status.noContent }
    router.delete("**") { _, _ in HTTPResponse.Status.noContent }
    let application = Application(
      router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in
        // At once, also into a pipe.
        let line = Array("listening on http://127.0.0.1:\(channel.localAddress?.port ?? 0)\n".utf8)
        _ = write(STDOUT_FILENO, line, line.count)
      }, logger: Logger(label: "http-benchmark") { _ in SwiftLogNoOpLogHandler() })
    try await application.run()
  }
}

import GatewayAPI
import Glibc

// The floor of HTTP, and the client's ceiling on it; see scripts/benchmark.
let arguments = Array(CommandLine.arguments.dropFirst())
do {
  switch (arguments.first, arguments.count) {
  case ("serve", 1): try await EmptyServer.run()
  case ("request", 4):
    guard let connections = Int(arguments[2]), let count = Int(arguments[3]) else { exit(EX_USAGE) }
    print(try await ClientCeiling(url: arguments[1], connections: connections).measure(count))
  default:
    print("usage: http-benchmark serve | request URL CONNECTIONS COUNT")
    exit(EX_USAGE)
  }
} catch let error as GatewayError {
  print("http-benchmark: \(error.message)")
  exit(EX_SOFTWARE)
} catch {
  print("http-benchmark: \(error)")
  exit(EX_SOFTWARE)
}

import GatewayAPI
import GatewayClient
import GatewaySigning
import Glibc

/// How many requests a second the client gets through, signed, when answers cost nothing.
struct ClientCeiling {
  let url: String
  let connections: Int

  /// - Returns: one line of JSON: requests a second, and the processor time of each.
  func measure(_ count: Int) async throws -> String {
    var configuration = GatewayClientConfiguration(
      endpoint: url,
      address: GatewayAddress(projectID: "p", product: .apigw, instanceID: "local"),
      credentials: GatewayAuthentication.accessKey(Credential(accessKey: "local", secretKey: "local-secret")),
      gatewayName: "floor")
    configuration.concurrency = connections
    let client = try GatewayClient(configuration: configuration)
    // Connections are made, and the limit of requests in flight has grown.
    try await send(max(connections * 4, count / 10), client)
    let processor = ProcessorTime.seconds
    let began = ContinuousClock.now
    try await send(count, client)
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let used = ProcessorTime.seconds - processor
    await client.shutdown()
    return """
      {"requests_per_second": \(Double(count) / seconds), "processor_microseconds": \(used * 1e6 / Double(count))}
      """
  }

  private func send(_ count: Int, _ client: GatewayClient) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<connections {
        group.addTask {
          for _ in stride(from: worker, to: count, by: connections) {
            var operation = DeleteEnvironment()
            operation.environmentID = "7a1ad0c350844ee69435ab297c1e6d18"
            _ = try await client.perform(operation)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

/// What this process has used of the processors.
enum ProcessorTime {
  static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

import Foundation
import GatewayTestSupport

/// Runs the body in a project whose default gateway, `prod`, is a local one in another process.
///
/// - Parameters:
///   - options: more of `apig-lua local start`.
///   - lines: more of the gateway's settings.
///   - more: what else the project's file says, by the gateway's address.
func withGatewayProject(
  options: [String] = [], lines: [String] = [], more: @escaping @Sendable (_ url: String) -> String = { _ in "" },
  _ body: @escaping @Sendable (_ command: Command, _ url: String) async throws -> Void
) async throws {
  try await withTemporaryFolder { folder in
    try await withLocalServer(in: folder, options: ["--data", ":memory:"] + options) { url in
      var command = Command(in: folder)
      command.variables["APIG_TOKEN"] = "local-token"
      try command.write(
        """
        default_gateway: prod
        gateways:
          prod:
            endpoint: \(url)
            project_id: p
            instance: local
            propagation: 0
        \(lines.map { "    " + $0 }.joined(separator: "\n"))
        \(more(url))
        """, to: "apig.yaml")
      try await body(command, url)
    }
  }
}

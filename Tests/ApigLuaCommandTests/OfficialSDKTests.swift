import Foundation
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// Huawei's official Python SDK drives `apig-lua local start`.
@Suite struct OfficialSDKTests {
  private static let python = ProcessInfo.processInfo.environment["APIG_LUA_SDK_PYTHON"]
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "OfficialSDK/drive_gateway.py").path

  /// The ways to authenticate, each with every operation of both products.
  private static let kinds = ["key", "temporary", "token", "password"]

  @Test(
    .enabled(if: python != nil, "scripts/test installs the SDK and names its Python in APIG_LUA_SDK_PYTHON"),
    .timeLimit(.minutes(10)))
  func drivesEveryOperationOfBothProducts() async throws {
    let python = try #require(Self.python)
    try await withTemporaryFolder { folder in
      let driven = try await withLocalServer(in: folder, options: ["--data", ":memory:"]) { url in
        try await Subprocess.run(
          .path(FilePath(python)), arguments: Arguments([Self.script, url] + Self.kinds),
          output: .string(limit: 1 << 20),
          error: .string(limit: 1 << 20))
      }
      #expect(driven.terminationStatus == .exited(0), "\(driven.standardError)")
      let lines = driven.standardOutput.split(separator: "\n")
      for product in ["apigw", "apic"] {
        for kind in Self.kinds {
          let driven = lines.filter { $0.hasPrefix("ok \(product) \(kind) ") }
          #expect(Set(driven).count >= 22, "\(product) \(kind)")
        }
      }
      #expect(lines.contains("ok ApigClient wrong signature refused"))
      #expect(lines.contains("ok RomaClient wrong signature refused"))
    }
  }
}

import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

@Suite struct DriftTests {
  @Test func twoEnvironmentsCompareInATableAndADocument() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let table = try await command("drift", "STAGING", "RELEASE", "--group", "payments")
      #expect(table.status == 2)
      #expect(table.output.hasPrefix("group      api           operation"))
      #expect(table.output.contains("payments   pay-quote     POST /payments/quote         added"))
      #expect(table.output.hasSuffix("4 differences, none breaking\n"))
      #expect(table.messages.isEmpty)

      let json = try await command("drift", "RELEASE", "STAGING", "--output", "json")
      #expect(json.status == 2)
      let document = try Document(json: json.output)
      // Three of orders run in RELEASE alone, too.
      #expect(document["schema"] == 1 && document["differences"] == 7 && document["breaking"] == 7)
      let change = try #require(document["changes"]?.arrayValue?.first)
      #expect(change["kind"] == "removed" && change["group"] == "orders")
      #expect(change["left_version_no"]?.stringValue != nil && change["right_version_no"] == .null)

      let same = try await command("drift", "RELEASE", "local:RELEASE")
      #expect(same.status == 0)
      #expect(same.output == "no differences between RELEASE and local:RELEASE\n")
    }
  }

  @Test func anExportComparesWithAnEnvironment() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let export = try await command("-e", "return apig.export { group = 'payments', env = 'RELEASE' }")
      try command.write(export.output, to: "before.json")
      #expect(try await command("drift", "before.json", "RELEASE").status == 0)
      _ = try await command(
        "-e", "apig.publish { api = 'pay-create', env = 'RELEASE' } apig.offline { api = 'pay-quote', env = 'RELEASE' }"
      )
      let drift = try await command("drift", "before.json", "RELEASE")
      #expect(drift.status == 2)
      #expect(drift.output.contains("POST /payments/quote   removed   BREAKING"))
      #expect(drift.output.contains("\nPOST /payments\n    description \"pay-create, first edition\""))
      #expect(drift.output.hasSuffix("2 differences, 1 breaking\n"))
    }
  }

  @Test func aSnapshotComparesWithAnEnvironment() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let taken = try await command("snapshot", "RELEASE", "--out", "before.json")
      #expect(taken.status == 0)
      #expect(taken.messages.hasPrefix("✔ before.json: 10 APIs of RELEASE\n"))
      // A new version of the same definition is no drift.
      _ = try await command("-e", "apig.publish { api = 'pay-quote', env = 'RELEASE' }")
      #expect(try await command("drift", "before.json", "RELEASE").status == 0)
      _ = try await command("-e", "apig.publish { api = 'pay-create', env = 'RELEASE' }")
      let drift = try await command("drift", "before.json", "RELEASE")
      #expect(drift.status == 2)
      #expect(drift.output.contains("payments/pay-create   changed"))
      #expect(drift.output.contains("the definition differs"))
    }
  }

  @Test(arguments: [
    (["drift", "NOWHERE", "RELEASE"], Int32(1), "there is no environment named 'NOWHERE'"),
    (["drift", "gone.json", "RELEASE"], 64, "gone.json"),
    (["drift", "bad.json", "RELEASE"], 64, "bad.json is no JSON"),
    (["drift", "other.json", "RELEASE"], 64, "other.json cannot be compared: it has neither 'openapi' nor 'swagger'"),
    (["drift", "old.json", "RELEASE"], 64, "old.json cannot be used: it is of another version: schema 2"),
    (["drift", "prod:", "RELEASE"], 64, "'prod:' names no environment"),
    (["drift", "RELEASE"], 64, "Missing expected argument"),
  ])
  func mistakesAreNamed(arguments: [String], status: Int32, message: String) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("openapi: 3", to: "bad.json")
      try command.write("{}", to: "other.json")
      try command.write("{\"kind\":\"environment snapshot\",\"schema\":2}", to: "old.json")
      let result = try await command.run(arguments)
      #expect(result.status == status)
      #expect(result.messages.contains(message), "\(result.messages)")
      #expect(result.output.isEmpty)
    }
  }
}

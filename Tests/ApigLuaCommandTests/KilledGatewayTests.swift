import AsyncHTTPClient
import Foundation
import GatewayAPI
import GatewayTestSupport
import NIOCore
import NIOHTTP1
import Subprocess
import Testing

/// A local gateway that is killed: what was acknowledged is there, what is still on its way to the data plane, too.
@Suite(.timeLimit(.minutes(5))) struct KilledGatewayTests {
  private static let base = "/v2/p0/apigw/instances/local"

  private static func ask(
    _ method: NIOHTTP1.HTTPMethod, _ url: String, _ body: Document? = nil
  ) async throws -> (status: Int, document: Document) {
    var request = HTTPClientRequest(url: url)
    request.method = method
    request.headers.add(name: "X-Auth-Token", value: "local-token")
    if let body {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(body.json)
    }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
    let bytes = try await response.body.collect(upTo: 1 << 20)
    return (Int(response.status.code), (try? Document(json: Array(bytes.readableBytesView))) ?? .null)
  }

  @Test func itsChangesAndTheirDelaySurviveAndItsFaultsDoNot() async throws {
    try await withTemporaryFolder { folder in
      let call = "/_call/payments/payments/webhook"
      let options = ["--data", folder.appending(path: "gateway.db").path, "--propagation", "30m"]
      let version = try await withLocalServer(
        in: folder, options: options + ["--fault", "history: 503"], ending: .kill
      ) { url in
        let list = try await Self.ask(.GET, url + Self.base + "/apis?name=pay-webhook")
        let api = try #require(list.document["apis"]?.arrayValue?.first?["id"])
        let published = try await Self.ask(
          .POST, url + Self.base + "/apis/action",
          ["action": "online", "api_id": api, "env_id": .string(GatewayEnvironment.releaseID)])
        #expect(published.status == 201)
        let called = try await Self.ask(.POST, url + call)
        #expect(called.status == 404)
        return try #require(published.document["version_id"]?.stringValue)
      }
      try await withLocalServer(in: folder, options: options) { url in
        let early = try await Self.ask(.POST, url + call)
        #expect(early.status == 404)
        let stored = try await Self.ask(.GET, url + Self.base + "/apis/versions/\(version)")
        #expect(stored.status == 200)
        _ = try await Self.ask(.PUT, url + "/_local/clock", ["offset": 1801])
        let late = try await Self.ask(.POST, url + call)
        #expect(late.status == 200 && late.document["api"] == "pay-webhook")
        let faults = try await Self.ask(.GET, url + "/_local/faults")
        #expect(faults.document["faults"] == [])
      }
    }
  }
}

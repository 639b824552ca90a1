import Foundation
import GatewayAPI
import GatewaySigning
import LocalGateway
import Testing

/// Signatures over a real connection: what is let in, and every way not to be.
@Suite(.timeLimit(.minutes(5))) struct SignatureTests {
  private static let path = LocalGatewayHarness.base + "/api-groups"
  private static let credential = LocalGatewayConfiguration.demoCredential
  private static let body = "{\"name\":\"signed group\"}"
  private static let now = Timestamp(seconds: 1_700_000_000)

  /// The headers that a client with this credential would send.
  private static func headers(
    _ gateway: LocalGatewayHarness, credential: Credential = credential, body: String = body, secondsOff: Int64 = 0
  ) throws -> [(String, String)] {
    var request = SignableRequest(
      method: "POST", path: path,
      headers: [("Host", try host(gateway)), ("Content-Type", "application/json")], body: Array(body.utf8))
    RequestSigner(credential: credential)
      .sign(&request, at: SigningDate(secondsSince1970: now.seconds + secondsOff))
    return request.headers
  }

  /// Headers whose signature covers only the named ones.
  private static func headers(_ gateway: LocalGatewayHarness, signing names: [String]) throws -> [(String, String)] {
    let stamp = SigningDate(secondsSince1970: now.seconds).stamp
    var request = SignableRequest(
      method: "POST", path: path,
      headers: [("Host", try host(gateway)), ("Content-Type", "application/json"), ("X-Sdk-Date", stamp)],
      body: Array(body.utf8))
    let canonical = CanonicalRequest(request, signing: names)
    let signature = canonical.signature(at: stamp, secretKey: credential.secretKey)
    let parts = "Access=\(credential.accessKey), SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
    request.headers.append(("Authorization", "SDK-HMAC-SHA256 \(parts)"))
    return request.headers
  }

  private static func host(_ gateway: LocalGatewayHarness) throws -> String {
    let url = try #require(URL(string: gateway.url))
    return "\(try #require(url.host())):\(try #require(url.port))"
  }

  private func status(
    _ headers: @escaping @Sendable (LocalGatewayHarness) throws -> [(String, String)], sending body: String = body
  ) async throws -> (status: Int, code: String?) {
    try await LocalGatewayHarness.with({ $0.now = { Self.now } }) { gateway in
      let answer = try await gateway.send("POST", Self.path, body, headers: headers(gateway))
      return (answer.status, answer.code)
    }
  }

  @Test func aRightSignatureIsLetIn() async throws {
    let answer = try await status { try Self.headers($0) }
    #expect(answer.status == 201, "\(answer)")
  }

  @Test func aWrongSecretIsRefused() async throws {
    let answer = try await status {
      try Self.headers($0, credential: Credential(accessKey: "local", secretKey: "guessed"))
    }
    #expect(answer == (401, "APIG.1002"))
  }

  @Test func anUnknownKeyIsRefusedEvenWithTheRightSecret() async throws {
    let answer = try await status {
      try Self.headers($0, credential: Credential(accessKey: "other", secretKey: Self.credential.secretKey))
    }
    #expect(answer == (401, "APIG.1002"))
  }

  @Test func aBodyChangedAfterSigningIsRefused() async throws {
    let answer = try await status({ try Self.headers($0) }, sending: "{\"name\":\"another group\"}")
    #expect(answer == (401, "APIG.1002"))
  }

  @Test(arguments: [(899, true), (-899, true), (901, false), (-901, false)])
  func fifteenMinutesAreAllowed(_ seconds: Int64, _ isAccepted: Bool) async throws {
    let answer = try await status { try Self.headers($0, secondsOff: seconds) }
    #expect(answer.status == (isAccepted ? 201 : 401), "\(answer)")
  }

  @Test(arguments: ["host", "x-sdk-date"])
  func hostAndDateMustBeSigned(_ missing: String) async throws {
    let all = ["content-type", "host", "x-sdk-date"]
    let whole = try await status { try Self.headers($0, signing: all) }
    #expect(whole.status == 201, "\(whole)")
    let partly = try await status { try Self.headers($0, signing: all.filter { $0 != missing }) }
    #expect(partly == (401, "APIG.1002"))
  }
}

import Foundation
import GatewayAPI
import GatewayTestSupport
import GatewayTransport
import Testing

/// What a certificate must be, over real handshakes.
@Suite(.timeLimit(.minutes(5))) struct TLSTests {
  private static let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { _ in .json(200, "{}") }

  @Test func anUnknownAuthorityIsRefusedAndNothingIsSent() async throws {
    try await withTemporaryFolder { folder in
      let certificate = try await TestCertificate.make(in: folder)
      try await withScriptedServer(certificate: certificate, answer: Self.answer) { server in
        let failure = try await withTransport { try await $0.failure(server.url) }
        #expect(failure == .certificate("its authority is not known here"))
        #expect(failure?.mayHaveArrived == false)
        #expect(failure?.text.contains("SSL_CERT_FILE") == true)
        #expect(server.requests.isEmpty)
      }
    }
  }

  @Test func anExpiredCertificateSaysSince() async throws {
    try await withTemporaryFolder { folder in
      let certificate = try await TestCertificate.make(in: folder, days: -1)
      try await withScriptedServer(certificate: certificate, answer: Self.answer) { server in
        let failure = try await withTransport({ $0.trustRootsFile = certificate.chain }) {
          try await $0.failure(server.url)
        }
        guard case .certificate(let reason) = failure else {
          Issue.record("\(failure as Any)")
          return
        }
        #expect(reason.hasPrefix("it expired on 20"), "\(reason)")
        #expect(server.requests.isEmpty)
      }
    }
  }

  @Test func aCertificateForAnotherHostIsRefused() async throws {
    try await withTemporaryFolder { folder in
      let certificate = try await TestCertificate.make(in: folder, for: "DNS:elsewhere.example.com")
      try await withScriptedServer(certificate: certificate, answer: Self.answer) { server in
        let failure = try await withTransport({ $0.trustRootsFile = certificate.chain }) {
          try await $0.failure(server.url)
        }
        #expect(failure == .certificate("it is for another host"))
        #expect(server.requests.isEmpty)
      }
    }
  }

  @Test func anAuthorityIsTrustedByFileOrByFolder() async throws {
    try await withTemporaryFolder { folder in
      let certificate = try await TestCertificate.make(in: folder)
      let path = folder.path
      try await withScriptedServer(certificate: certificate, answer: Self.answer) { server in
        let byFile = try await withTransport({ $0.trustRootsFile = certificate.chain }) { try await $0.get(server.url) }
        #expect(byFile.status == 200)
        let byFolder = try await withTransport({ $0.trustRootsFolders = [path] }) { try await $0.get(server.url) }
        #expect(byFolder.status == 200)
      }
    }
  }

  @Test func trustRootsThatCannotBeReadAreAWrongUse() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.path
      for change: (inout HTTPTransportConfiguration) -> Void in [
        { $0.trustRootsFile = "/nowhere.pem" }, { $0.trustRootsFolders = [path] },
        { $0.trustRootsFolders = ["/nowhere"] },
      ] {
        let error = await #expect(throws: GatewayError.self) { try await withTransport(change) { _ in } }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains("certificate authorities") == true)
      }
    }
  }

  @Test func plainHTTPBehindAnHTTPSEndpoint() async throws {
    let answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    let failure = try await withPlainServer(answering: answer) { port in
      try await withTransport { try await $0.failure("https://127.0.0.1:\(port)") }
    }
    #expect(failure == .tls("the other side speaks no TLS"))
    #expect(failure?.mayHaveArrived == false)
  }

  @Test func aHandshakeThatNeverEnds() async throws {
    try await withScriptedServer(answer: { _ in .silence }) { server in
      let url = server.url.replacing("http://", with: "https://")
      let failure = try await withTransport({ $0.connectTimeout = .milliseconds(300) }) { try await $0.failure(url) }
      #expect(failure == .connectTimeout)
    }
  }
}

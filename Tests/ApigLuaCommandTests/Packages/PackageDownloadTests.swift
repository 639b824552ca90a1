import Foundation
import GatewayTestSupport
import Testing

/// Archives over HTTPS, from a real server with a certificate of its own.
@Suite(.timeLimit(.minutes(10))) struct PackageDownloadTests {
  private func answer(_ bytes: [UInt8]) -> ScriptedAnswer {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/gzip\r\nContent-Length: \(bytes.count)\r\n\r\n"
    return .bytesThenClose(Array(head.utf8) + bytes)
  }

  private func redirect(to target: String) -> ScriptedAnswer {
    .bytesThenClose(Array("HTTP/1.1 302 Found\r\nLocation: \(target)\r\nContent-Length: 0\r\n\r\n".utf8))
  }

  private func archive(_ project: PackageProject) async throws -> [UInt8] {
    try PackageFiles.writePackage(to: project.server.folder)
    #expect(try await project.command("pkg", "pack", project.server.folder.path, "--out", "x.tar.gz").status == 0)
    return [UInt8](try Data(contentsOf: project.command.folder.appending(path: "x.tar.gz")))
  }

  /// Runs a test with a project, the certificate of a server, and a command that takes it for good.
  private func withCertificate(
    _ body: (_ project: PackageProject, _ certificate: (chain: String, key: String), _ command: Command) async throws ->
      Void
  ) async throws {
    try await withPackageProject { project in
      let certificate = try await TestCertificate.make(in: project.folder)
      var command = project.command
      command.variables["SSL_CERT_FILE"] = certificate.chain
      try await body(project, certificate, command)
    }
  }

  @Test func anArchiveIsFetchedAndPinned() async throws {
    try await withCertificate { project, certificate, command in
      let bytes = try await archive(project)
      try await withScriptedServer(
        certificate: certificate,
        answer: { request in
          request.path == "/moved.tar.gz" ? redirect(to: "/rotate.tar.gz") : answer(bytes)
        }
      ) { server in
        let added = try await command("pkg", "add", server.url + "/moved.tar.gz")
        #expect(added.status == 0, "\(added.messages)")
        #expect(try project.text("apig.lock").contains("source: \"\(server.url)/moved.tar.gz\""))
        try project.remove(".apig", ".cache")
        let fetched = try await command("pkg", "install", "--locked")
        #expect(fetched.output.hasPrefix("fetched "), "\(fetched.messages)")
        // Without the certificate's authority nothing is taken.
        let distrusted = try await project.command("pkg", "add", server.url + "/rotate.tar.gz")
        #expect(distrusted.status == 69, "\(distrusted.messages)")
      }
      try project.remove(".apig", ".cache")
      try await withScriptedServer(certificate: certificate, answer: { _ in answer([0x1F, 0x8B] + bytes) }) { server in
        let lock = try project.text("apig.lock")
        #expect(lock.contains("https://127.0.0.1:"))
        let evil = try await command("pkg", "add", server.url + "/rotate.tar.gz")
        #expect(evil.status == 6 && evil.messages.contains("it is damaged"), "\(evil.messages)")
        #expect(try project.text("apig.lock") == lock && !project.has(".apig/pkg/acme"))
      }
    }
  }

  @Test func whatServersDoWrongIsTold() async throws {
    try await withCertificate { _, certificate, command in
      try await withScriptedServer(
        certificate: certificate,
        answer: { request in
          switch request.path {
          case "/plain": redirect(to: "http://127.0.0.1:9/x?token=hunter2")
          case "/file": redirect(to: "file:///etc/passwd")
          case "/circle": redirect(to: "/circle")
          case "/huge":
            .bytesThenClose(Array("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".utf8))
          case "/page": answer(Array("<html>Log in</html>".utf8))
          default: .json(404, "{}")
          }
        }
      ) { server in
        for (path, status, message) in [
          ("/plain", 69, "which is no https"), ("/file", 69, "which is no https"), ("/circle", 69, "more than 5 times"),
          ("/huge", 69, "larger"), ("/page", 6, "it is no gzip file"), ("/none", 69, "status 404"),
        ] as [(String, Int32, String)] {
          let result = try await command("pkg", "add", server.url + path)
          #expect(result.status == status && result.messages.contains(message), "\(path): \(result.messages)")
          #expect(!result.messages.contains("hunter2"))
        }
      }
    }
  }
}

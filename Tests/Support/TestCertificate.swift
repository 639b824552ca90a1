public import Foundation
import Subprocess

/// Self-signed certificates, made by `openssl`.
public enum TestCertificate {
  struct NotMade: Error { let messages: String }

  /// - Parameters:
  ///   - name: the subject's alternative name: `IP:127.0.0.1`, `DNS:example.com`.
  ///   - days: how long it is valid from now on; -1 for one that expired yesterday.
  /// - Returns: the PEM files of the certificate and of its key.
  public static func make(
    in folder: URL, for name: String = "IP:127.0.0.1", days: Int = 2
  ) async throws -> (chain: String, key: String) {
    let chain = folder.appending(path: "certificate.pem").path
    let key = folder.appending(path: "key.pem").path
    let request = folder.appending(path: "request.pem").path
    try await openssl(
      "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-addext", "subjectAltName=\(name)", "-out",
      request, "-keyout", key)
    try await openssl(
      "x509", "-req", "-in", request, "-signkey", key, "-copy_extensions", "copyall", "-days", String(days), "-out",
      chain)
    return (chain, key)
  }

  private static func openssl(_ arguments: String...) async throws {
    let result = try await Subprocess.run(
      .name("openssl"), arguments: Arguments(arguments), output: .discarded, error: .string(limit: 1 << 16))
    guard result.terminationStatus.isSuccess else { throw NotMade(messages: result.standardError) }
  }
}

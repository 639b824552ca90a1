internal import Foundation
internal import GatewayAPI
internal import NIOSSL

/// The certificate authorities that a configuration names.
enum TrustRoots {
  /// - Returns: nil when it names none: the system's hold.
  /// - Throws: `GatewayError` of kind `usage` when they cannot be read.
  static func read(_ configuration: HTTPTransportConfiguration) throws(GatewayError) -> NIOSSLTrustRoots? {
    var certificates: [NIOSSLCertificate] = []
    if let file = configuration.trustRootsFile {
      do {
        certificates += try NIOSSLCertificate.fromPEMFile(file)
      } catch {
        throw unreadable(file, "\(error)", hint: "SSL_CERT_FILE must name a PEM file")
      }
    }
    for folder in configuration.trustRootsFolders {
      let found = try read(folder: folder)
      if found.isEmpty {
        throw unreadable(folder, "no file in it holds any", hint: "SSL_CERT_DIR must name a folder of PEM files")
      }
      certificates += found
    }
    return certificates.isEmpty ? nil : .certificates(certificates)
  }

  /// Such folders hold links and other files beside the certificates: what is no certificate is passed over.
  private static func read(folder: String) throws(GatewayError) -> [NIOSSLCertificate] {
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      return names.flatMap { (try? NIOSSLCertificate.fromPEMFile("\(folder)/\($0)")) ?? [] }
    } catch {
      throw unreadable(folder, "it is no readable folder", hint: "SSL_CERT_DIR must name a folder of PEM files")
    }
  }

  private static func unreadable(_ path: String, _ reason: String, hint: String) -> GatewayError {
    GatewayError(
      kind: .usage, message: "the certificate authorities in \(path) cannot be read: \(reason)", hint: hint)
  }
}

public import Foundation

/// A real SSH key, made for one test.
public struct SigningKey: Sendable {
  /// The private key's file.
  public let file: String
  /// As `allowed_signers` has it: type and key.
  public let publicKey: String
  public let fingerprint: String

  public init(_ name: String, in folder: URL) async throws {
    file = folder.appending(path: name).path
    try await Programs.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file], in: folder)
    let text = try String(contentsOfFile: file + ".pub", encoding: .utf8)
    publicKey = text.split(separator: " ").prefix(2).joined(separator: " ")
    fingerprint = String(try await Programs.run("ssh-keygen", ["-l", "-f", file], in: folder).split(separator: " ")[1])
  }

  /// A line of `allowed_signers`.
  public func allowed(_ identity: String, options: String = "") -> String { "\(identity) \(options)\(publicKey)\n" }
}

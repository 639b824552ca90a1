internal import Foundation

/// The host's `ssh-keygen`, which signs and verifies.
struct KeyProgram: Sendable {
  private let program = HostProgram(name: "ssh-keygen", timeout: .seconds(30))

  /// Signs with a private key, or with a public key whose private one an agent has. It may ask for a passphrase at the
  /// terminal.
  ///
  /// - Throws: ``PackageError`` of kind `unavailable`; `CancellationError`.
  func sign(_ text: String, key: String) async throws -> [UInt8] {
    var program = program
    program.isAtTerminal = true
    // Whoever has a passphrase to type takes their time.
    program.timeout = .seconds(300)
    let result = try await program.run(
      ["-q", "-Y", "sign", "-f", key, "-n", PackageSignature.namespace], input: Array(text.utf8))
    guard result.isSuccess, !result.output.isEmpty else {
      throw PackageError(
        .unavailable, place: key,
        "ssh-keygen cannot sign with this key\(result.messages.isEmpty ? "" : ": \(result.messages)")",
        hint: "name a private SSH key, or a public one that an agent has the private one of: --key FILE")
    }
    return result.output
  }

  /// The fingerprint of the key that made a signature over the text; nil when none did.
  func key(of signature: [UInt8], over text: String) async throws -> String? {
    try await withFile(signature) { path in
      let result = try await program.run(
        ["-Y", "check-novalidate", "-n", PackageSignature.namespace, "-s", path], input: Array(text.utf8))
      return result.isSuccess ? Self.fingerprint(in: result.text + result.messages) : nil
    }
  }

  /// What one line of a list of allowed signers says of a signature.
  enum Finding {
    case signer(PackageSigner)
    /// The line has the key, and does not allow it: with ssh-keygen's reason.
    case refusal(String)
    case otherKey
  }

  /// Whether a line of a list of allowed signers allows a signature over the text, right now.
  func signer(of signature: [UInt8], over text: String, allowedBy line: [UInt8]) async throws -> Finding {
    try await withFile(signature) { path in
      try await withFile(line) { list in
        let found = try await program.run(["-Y", "find-principals", "-s", path, "-f", list])
        guard found.isSuccess else {
          let reason = Self.reason(in: found.messages, list: list)
          return reason.isEmpty ? .otherKey : .refusal(reason)
        }
        var reason = ""
        let identities = found.text.split(whereSeparator: { $0 == "\n" || $0 == "," }).map(String.init)
        // Whom a line leaves out is no name of whom it lets in.
        for identity in identities where !identity.hasPrefix("!") {
          let result = try await program.run(
            ["-Y", "verify", "-f", list, "-I", identity, "-n", PackageSignature.namespace, "-s", path],
            input: Array(text.utf8))
          if result.isSuccess, let key = Self.fingerprint(in: result.text + result.messages) {
            return .signer(PackageSigner(identity: identity.shownName, key: key))
          }
          reason = Self.reason(in: result.messages, list: list)
        }
        return .refusal(reason.isEmpty ? "it does not allow packages" : reason)
      }
    }
  }

  /// Why ssh-keygen does not take a line, without the name of a file that is gone by now; empty for no reason of its own.
  private static func reason(in messages: String, list: String) -> String {
    messages.replacing("; No principal matched.", with: "").replacing("No principal matched.", with: "")
      .replacing("\(list):1: ", with: "")
  }

  private static func fingerprint(in text: String) -> String? {
    text.firstMatch(of: /SHA256:[A-Za-z0-9+\/=]+/).map { String($0.output) }
  }

  /// `ssh-keygen` reads from files only.
  private func withFile<Value>(
    _ content: [UInt8], _ body: (_ path: String) async throws -> Value
  ) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appending(path: "apig-lua-\(UUID().uuidString).txt").path
    try Data(content).write(to: URL(filePath: path), options: .withoutOverwriting)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
  }
}

internal import Glibc

/// Tells who signed a package.
public struct SignatureVerifier: Sendable {
  /// Files of allowed signers, as `ssh-keygen -Y verify` takes them; those that are not there allow nobody.
  private let lists: [String]
  private let projectList: String?
  private let program = KeyProgram()

  /// - Parameters:
  ///   - lists: of this machine and its user, the one that counts most first.
  ///   - projectList: that of the project, which counts after them and less.
  public init(lists: [String], projectList: String? = nil) {
    self.lists = lists
    self.projectList = projectList
  }

  /// - Throws: ``PackageError`` of kind `refused` for a signature that is not over this package; `unavailable` without
  ///   `ssh-keygen`; `CancellationError`.
  public func status(of package: Package) async throws -> SignatureStatus {
    guard let signature = package.signature else { return .unsigned }
    let text = PackageSignature.text(of: package)
    guard signature.count <= PackageSignature.maximumSize,
      let key = try await program.key(of: signature, over: text)
    else {
      throw PackageError(
        .refused, "the signature of \(package.name) \(package.version) is not over these files",
        hint: "they were changed after they were signed, or the signature is another's")
    }
    var reasons: [String] = []
    for list in lists + [projectList].compactMap(\.self) {
      switch try await signer(of: signature, over: text, allowedBy: list) {
      case .success(let signer?): return list == projectList ? .signedForProject(signer) : .signed(signer)
      case .success(nil): break
      case .failure(let reason): reasons.append(reason.text)
      }
    }
    return .unknownSigner(key: key, reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
  }

  /// Why a list does not allow a key that it has.
  private struct Reason: Error {
    let text: String
  }

  /// Who of a list made a signature, right now; nil when the list does not have the key.
  private func signer(
    of signature: [UInt8], over text: String, allowedBy list: String
  ) async throws -> Result<PackageSigner?, Reason> {
    let content: [UInt8]
    do throws(FileReading.Failure) {
      content = try FileReading.read(list, limit: Self.maximumListSize)
    } catch {
      if case .system(ENOENT) = error { return .success(nil) }
      return .failure(Reason(text: "\(list) \(error.reason)"))
    }
    var reason: Reason?
    // Line by line: ssh-keygen looks for the key's first line alone, be it for something else.
    let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where Self.mayAllow(line, signature) {
      switch try await program.signer(of: signature, over: text, allowedBy: Array(line) + [UInt8(ascii: "\n")]) {
      case .signer(let signer): return .success(signer)
      case .refusal(let words): reason = Reason(text: "\(list):\(index + 1): \(words)")
      case .otherKey: break
      }
    }
    return reason.map(Result.failure) ?? .success(nil)
  }

  private static let maximumListSize = 1 << 20

  /// Whether a line is worth a look: it has the signature's key, or that of an authority for others.
  private static func mayAllow(_ line: ArraySlice<UInt8>, _ signature: [UInt8]) -> Bool {
    let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
    guard let first = words.first?.first, first != UInt8(ascii: "#") else { return false }
    guard let key = PackageSignature.publicKey(in: signature) else { return true }
    return line.firstRange(of: Array("cert-authority".utf8)) != nil || words.contains { $0.elementsEqual(key.utf8) }
  }

  /// Signs a package.
  ///
  /// - Parameter key: the file of a private key, or of a public key that an agent has the private one of.
  /// - Returns: the content of `package.sig`, and the fingerprint of the key.
  /// - Throws: ``PackageError``; `CancellationError`.
  public static func sign(_ package: Package, key: String) async throws -> (signature: [UInt8], key: String) {
    let program = KeyProgram()
    let text = PackageSignature.text(of: package)
    let signature = try await program.sign(text, key: key)
    guard let fingerprint = try await program.key(of: signature, over: text) else {
      throw PackageError(.unavailable, place: key, "ssh-keygen made a signature that does not verify")
    }
    return (signature, fingerprint)
  }
}

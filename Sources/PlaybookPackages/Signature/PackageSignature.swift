internal import Foundation

/// The signature that lies beside a package's manifest.
public enum PackageSignature {
  /// It is not part of the tree that it speaks for.
  public static let fileName = "package.sig"
  /// What the signature is good for, so that none made for something else can stand for it.
  static let namespace = "apig-lua-package"
  /// Largest signature, in bytes.
  static let maximumSize = 16 << 10

  /// What is signed.
  static func text(of package: Package) -> String {
    """
    apig-lua package signature 1
    name: \(package.name)
    version: \(package.version)
    sha256: \(package.tree.digest)

    """
  }

  /// The key that a signature says to be by, as lists of allowed signers have it; nil when it is of no form that is known.
  ///
  /// The form is that of OpenSSH's PROTOCOL.sshsig: in base64, "SSHSIG", a number of 4 bytes, then the key with its length
  /// before it.
  static func publicKey(in signature: [UInt8]) -> String? {
    let lines = String(decoding: signature, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard let blob = Data(base64Encoded: lines.filter { !$0.hasPrefix("-----") }.joined()).map(Array.init),
      blob.starts(with: Array("SSHSIG".utf8)), blob.count > 14
    else { return nil }
    let length = blob[10..<14].reduce(0) { $0 << 8 | Int($1) }
    guard length <= blob.count - 14 else { return nil }
    return Data(blob[14..<14 + length]).base64EncodedString()
  }
}

/// What a package's signature says.
public enum SignatureStatus: Sendable, Hashable {
  case unsigned
  /// By a key that no list of allowed signers has, or that a list has for something else, or for another time: as good
  /// as unsigned.
  case unknownSigner(key: String, reason: String? = nil)
  /// By somebody whom this machine or its user allows.
  case signed(PackageSigner)
  /// By somebody whom only the project allows, which may have been written by whoever wrote the package.
  case signedForProject(PackageSigner)

  /// Who signed it; nil for nobody known.
  public var signer: PackageSigner? {
    switch self {
    case .signed(let signer), .signedForProject(let signer): signer
    case .unsigned, .unknownSigner: nil
    }
  }

  /// Whether it counts whatever the project says.
  public var countsOutsideProject: Bool {
    if case .signed = self { true } else { false }
  }

  public var description: String {
    switch self {
    case .unsigned: "not signed"
    case .unknownSigner(let key, let reason):
      "signed with a key that nobody allows (\(key))" + (reason.map { ": \($0)" } ?? "")
    case .signed(let signer): "signed by \(signer)"
    case .signedForProject(let signer): "signed by \(signer) (allowed by the project)"
    }
  }
}
